package sockdiag_test

import (
	"os"
	"os/exec"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

func TestMain(m *testing.M) {
	if n := os.Getenv(holdVariable); n != "" {
		os.Exit(hold(n))
	}
	if os.Getenv(listVariable) != "" {
		os.Exit(listOnce())
	}
	if netns.Inside() { // Where an ordinary user's tests are, nothing is up.
		_ = exec.Command("ip", "link", "set", "lo", "up").Run()
	}
	netnstest.Main(m)
}
