package lifetest_test

import (
	"flag"
	"os"
	"syscall"
	"testing"

	"allroads/internal/netns/netnstest"
)

// programVariable names the allroadsd to prove. Without it, this test binary is.
const programVariable = "ALLROADSD"

// insideVariable makes this test binary allroadsd.
const insideVariable = "ALLROADSD_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(insideVariable) != "" {
		os.Exit(runDaemon(os.Args[1:]))
	}
	if os.Getenv(idleVariable) != "" {
		idleProgram()
	}
	together()
	netnstest.Main(m)
}

// together has more tests run at the same time than there are processors: they mostly wait
// for the kernel, and other packages wait for them (see alone).
func together() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		_ = flag.Set("test.parallel", "4")
	}
}

// binary is the file that is allroadsd, and what its environment needs.
func binary(t *testing.T) (path string, env []string) {
	t.Helper()
	if path := os.Getenv(programVariable); path != "" {
		return path, os.Environ()
	}
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return path, append(os.Environ(), insideVariable+"=1")
}

// send sends a process of ours a signal.
func send(t *testing.T, process *os.Process, signal syscall.Signal) {
	t.Helper()
	if err := process.Signal(signal); err != nil {
		t.Fatalf("send %v: %v", signal, err)
	}
}
