package vm

import (
	"strings"
	"testing"
)

// TestGuest: the machine is what its users count on.
func TestGuest(t *testing.T) {
	Run(t, Job{
		Package:  "allroads/internal/vm/guest",
		Run:      "^(TestSystem|TestModule|TestCommand)$",
		Commands: []string{"ss"},
		Modules:  []string{"mptcp_diag"},
	})
}

// TestGuestFails: a test that fails in the guest, is skipped there, takes the machine
// down with it, comes after that, or is none, each is a failure here.
func TestGuestFails(t *testing.T) {
	job := Job{Package: "allroads/internal/vm/guest", Run: "^(TestSystem|TestFailed|TestSkipped|TestCrash)$", Want: []string{"TestNoSuch"}}
	r := &recorder{TB: t}
	job.run(r, func(result *Result, wanted []string) {
		for _, name := range wanted {
			result.judge(r, name)
		}
	})
	said := strings.Join(r.said, "\n")
	for _, want := range []string{
		"TestFailed: the guest says FAIL", "TestSkipped: the guest says SKIP", "TestCrash did not run", "TestNoSuch did not run",
		"exit code in the guest is -1", "the kernel complains: ", "Kernel panic",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in:\n%s", want, said)
		}
	}
	if strings.Contains(said, "TestSystem") {
		t.Errorf("TestSystem passed in the guest, but is said to have failed:\n%s", said)
	}
}

// TestHook: the tests of the BPF hook, on a kernel that allows it.
func TestHook(t *testing.T) {
	Run(t, Job{
		Package: "allroads/internal/hook",
		Run:     "^Test([^C]|Co)", // not TestCrowd
		Want: []string{"TestConverted", "TestUntouched", "TestOutside", "TestThreads", "TestRunning", "TestNested",
			"TestDetach", "TestConnection", "TestDaemon", "TestDaemonKilled", "TestDaemonOnce", "TestDaemonProbe",
			"TestUnpin", "TestFull", "TestCompat", "TestIOUring", "TestSwitchedOff"},
		Programs: []string{"allroads/cmd/allroads", "allroads/cmd/allroadsd", "386:allroads/internal/hook/testdata/rawsocket"},
		Commands: []string{"ss"},
		Modules:  []string{"mptcp_diag", "sctp"},
	})
}

// TestHookPreempted: the same hook in a kernel that preempts its own code.
func TestHookPreempted(t *testing.T) {
	Run(t, Job{
		Package: "allroads/internal/hook", Run: "^(TestCrowd|TestConverted)$", Want: []string{"TestCrowd"},
		Kernel: "preempt=full", CPUs: 1,
	})
}

// TestRun: `allroads run` by that hook.
func TestRun(t *testing.T) {
	Run(t, Job{
		Package: "allroads/internal/convert", Run: "^TestBPF", Want: []string{"TestBPF", "TestBPFGroup", "TestBPFOther", "TestBPFLeft"},
		Programs: []string{"allroads/cmd/allroads", "allroads/cmd/allroadsd"},
		Commands: []string{"sh"},
	})
}

// TestCgroup: cgroups on a system that has version 2 alone.
func TestCgroup(t *testing.T) {
	Run(t, Job{Package: "allroads/internal/hook/cgroup", Want: []string{"TestCreate", "TestSweep", "TestDelegated"}})
}

// BenchmarkHook: the hook's benchmarks, in the guest. They are this benchmark's log.
func BenchmarkHook(b *testing.B) {
	Bench(b, Job{Package: "allroads/internal/hook", Bench: "."})
}
