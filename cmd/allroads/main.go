// Command allroads makes Linux hosts use all their network paths at once with
// Multipath TCP, and proves from packets that they do.
package main

import (
	"os"

	"allroads/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:]))
}
