package netns_test

import (
	"os"
	"os/exec"
	"testing"

	"allroads/internal/netns/netnstest"
)

// rolesVariable names what this test program does instead of testing, when a
// test starts it as a process to look at.
const rolesVariable = "NETNS_TEST_ROLE"

// quickExit keeps the race detector from waiting a second at every exit.
const quickExit = "GORACE=atexit_sleep_ms=0"

var roles = map[string]func(args []string) int{
	"main-thread": mainThread,
	"panic":       panicInside,
	"exit":        exitInside,
	"rerun":       rerun,
	"ordinary":    ordinary,
	"environment": printEnvironment,
	"forbidden":   forbidden,
	"read-only":   readOnly,
}

func TestMain(m *testing.M) {
	if role, ok := roles[os.Getenv(rolesVariable)]; ok {
		os.Exit(role(os.Args[1:]))
	}
	netnstest.Main(m)
}

// play prepares this test program in a role.
func play(role string, args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Env = append(os.Environ(), rolesVariable+"="+role, quickExit)
	return cmd
}
