// Command allroadsd does the work that stays in the background: it manages the paths of
// this host, and what is too heavy for allroads to link, or has to go on without it.
package main

import (
	"os"

	"allroads/internal/daemon"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run(os.Args[1:])) }

// run is the whole program: parse, call, and an error's words and exit code.
func run(args []string) int { return daemon.Run(newRoot(), args) }

func newRoot() *cobra.Command {
	root := daemon.Command()
	root.AddCommand(newHook(), newMan(root))
	return root
}
