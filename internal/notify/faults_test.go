package notify_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/notify"
)

// TestThreads: many at once.
func TestThreads(t *testing.T) {
	out := start(t, notify.Options{}, program(t), "threads", "16", "0.5", "262").wait(t)
	if !strings.HasPrefix(out, "opened ") {
		t.Error(out)
	}
}

// TestSignals: a timer interrupts the program all the time. No call is done twice, none
// leaves a descriptor behind, and with SA_RESTART none fails. Without, one may (EINTR)
// that has not been received.
func TestSignals(t *testing.T) {
	for _, words := range [][]string{{"signals", "0.4"}, {"signals", "0.4", "restart"}} {
		r := start(t, notify.Options{}, append([]string{program(t)}, words...)...)
		killable := r.installed.Listener.Killable()
		out := r.wait(t)
		var opened, interrupted int
		if _, err := fmt.Sscanf(out, "opened %d interrupted %d", &opened, &interrupted); err != nil || opened == 0 {
			t.Errorf("%v: %.200s", words, out)
			continue
		}
		t.Logf("%v: %s", words, out)
		if converted := r.tally.Sockets().Converted; converted != opened && killable {
			t.Errorf("%v: converted %d, opened %d", words, converted, opened)
		}
		if interrupted > 0 && len(words) == 3 {
			t.Errorf("%d calls failed with EINTR, though SA_RESTART is set", interrupted)
		}
	}
}

// TestProgramKilled: nothing stays of a program that is killed in the middle of calls.
func TestProgramKilled(t *testing.T) {
	file := program(t)
	before := descriptors(t)
	for range 8 {
		r := start(t, notify.Options{}, file, "threads", "4", "60", "262")
		time.Sleep(20 * time.Millisecond)
		r.process.Kill()
		r.process.Wait()
		if err := <-r.served; err != nil {
			t.Error(err)
		}
		r.installed.Listener.Close()
		<-r.copied
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors, %d before", after, before)
	}
}

// TestNested: a second listener is refused, with the error that says it.
func TestNested(t *testing.T) {
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, notify.Options{}, file, "test-run", program(t), "tell", "inner")
	r.process.Wait()
	<-r.copied
	<-r.served
	r.installed.Listener.Close()
	if got := r.output.String(); !strings.Contains(got, "another seccomp listener is there already") {
		t.Error(got)
	}
	if s := r.tally.Sockets(); len(s.OwnListeners) != 1 {
		t.Errorf("tally %+v", s)
	}
}

// TestBothKilled: without anybody who has the listener, the kernel fails calls, at once
// and for ever.
func TestBothKilled(t *testing.T) {
	cmd := self(t, "test-run", program(t), "threads", "2", "60", "262")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	standby := standbyOf(t, cmd.Process.Pid)
	syscall.Kill(standby, syscall.SIGSTOP)
	syscall.Kill(cmd.Process.Pid, syscall.SIGKILL)
	syscall.Kill(standby, syscall.SIGKILL)
	_ = cmd.Wait()
	if !strings.Contains(out.String(), "socket: -1 Function not implemented") {
		t.Error(out.String())
	}
	gone(t, standby)
}
