package lifetest_test

import (
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mostResident is how much memory an idle allroadsd may have, in kB.
const mostResident = 25 << 10

// idleVariable makes this test binary a program that does nothing.
const idleVariable = "LIFETEST_IDLE"

func idleProgram() {
	debug.FreeOSMemory()
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	<-ended
}

// TestIdle: when nothing happens, nothing is done; and it is small.
func TestIdle(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	idle := l.client.Command(os.Args[0])
	idle.Env = append(os.Environ(), idleVariable+"=1")
	if err := idle.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { idle.Process.Kill(); idle.Wait() })
	time.Sleep(2 * time.Second) // What the start needed is given back.
	pid, other := l.d.command.Process.Pid, idle.Process.Pid
	before, beforeOther := usageOf(t, pid), usageOf(t, other)
	time.Sleep(3 * time.Second)
	after, afterOther := usageOf(t, pid), usageOf(t, other)
	woken, wokenOther := after.switches-before.switches, afterOther.switches-beforeOther.switches
	t.Logf("measured: idle for 3 s: woken %d times (a Go program that does nothing: %d); %v (%v)", woken, wokenOther, after, afterOther)
	if woken > wokenOther+3 {
		t.Errorf("woken %d times in 3 s, a Go program that does nothing %d times", woken, wokenOther)
	}
	if after.resident > mostResident && !racing {
		t.Errorf("%d kB are resident, want at most %d", after.resident, mostResident)
	}
}

// TestNothingPilesUp: after very many changes it holds no more than after many.
func TestNothingPilesUp(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	l.changes(1000) // The heap has its size then.
	before := usageOf(t, l.d.command.Process.Pid)
	l.changes(4000)
	after := usageOf(t, l.d.command.Process.Pid)
	t.Logf("measured: after 1,000 changes %v; after 4,000 more %v", before, after)
	if after.files > before.files {
		t.Errorf("%d files are open, %d before 4,000 changes", after.files, before.files)
	}
	if after.threads > before.threads+4 {
		t.Errorf("%d threads, %d before 4,000 changes", after.threads, before.threads)
	}
	if after.anonymous > before.anonymous+4<<10 && !racing {
		t.Errorf("%d kB are its own, %d before 4,000 changes", after.anonymous, before.anonymous)
	}
}

// changes changes the network as often, and waits until that is done.
func (l *life) changes(n int) {
	l.t.Helper()
	for range n / 100 {
		l.batch(strings.Repeat("address add 10.2.0.7/24 dev blue\naddress delete 10.2.0.7/24 dev blue\n", 50))
	}
	l.calms(fmt.Sprintf("%d changes", n), "10.1.0.1", "10.2.0.1")
}
