package mptcp

import (
	"fmt"
	"os"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

// A test program started again for its rights is in a namespace of its own, in
// which nobody has raised loopback yet.
func TestMain(m *testing.M) {
	if netns.Inside() {
		if err := raiseLoopback(); err != nil {
			fmt.Fprintln(os.Stderr, "raise loopback:", err)
			os.Exit(1)
		}
	}
	netnstest.Main(m)
}
