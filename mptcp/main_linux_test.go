package mptcp

import (
	"errors"
	"flag"
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
	if err := skipExamples(); err != nil {
		fmt.Fprintln(os.Stderr, "skip examples:", err)
		os.Exit(1)
	}
	netnstest.Main(m)
}

// skipExamples has no examples run where there is no MPTCP: they cannot skip
// themselves.
func skipExamples() error {
	if err := probeInfo(); !errors.Is(err, ErrNotSupported) || os.Getenv("ALLROADS_REQUIRE_KERNEL") == "1" {
		return nil
	}
	return flag.Set("test.skip", "^Example")
}
