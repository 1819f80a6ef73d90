package netns_test

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// hold starts a process that holds namespaces, and waits until it is ready for
// signals.
func hold(t testing.TB, namespaces ...*netns.NS) int {
	t.Helper()
	holder, err := netns.Hold("a title of its own", namespaces...)
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Confirm(); err != nil {
		t.Fatal(err)
	}
	pid := holder.Pid
	t.Cleanup(func() {
		_ = unix.Kill(pid, unix.SIGKILL)
		_, _ = unix.Wait4(pid, nil, 0, nil)
	})
	eventually(t, func() error { return isReady(pid) })
	return pid
}

func isReady(pid int) error {
	for field, want := range map[string]uint64{
		"SigIgn": 1<<(unix.SIGINT-1) | 1<<(unix.SIGHUP-1),
		"SigCgt": 1 << (unix.SIGTERM - 1),
	} {
		if signals, err := statusField(pid, field); err != nil || signals&want != want {
			return fmt.Errorf("%s = %x, %v, want %x among it", field, signals, err, want)
		}
	}
	return nil
}

// statusField reads a mask of signals from /proc/PID/status.
func statusField(pid int, field string) (uint64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			return strconv.ParseUint(strings.TrimSpace(value), 16, 64)
		}
	}
	return 0, err
}

// TestHoldUnconfirmed: without a word the process ends with the one that started
// it, here with that one's end of the pipe.
func TestHoldUnconfirmed(t *testing.T) {
	holder, err := netns.Hold("unconfirmed", netnstest.New(t))
	if err != nil {
		t.Fatal(err)
	}
	pid := holder.Pid
	holder = nil
	eventually(t, func() error {
		runtime.GC()
		if ended, err := unix.Wait4(pid, nil, unix.WNOHANG, nil); ended != pid {
			return fmt.Errorf("process %d lives: %v", pid, err)
		}
		return nil
	})
}

func TestHold(t *testing.T) {
	a, b := netnstest.New(t), netnstest.New(t)
	pid := hold(t, a, b)
	proc := fmt.Sprintf("/proc/%d/", pid)
	for link, want := range map[string]string{
		"fd/0": os.DevNull,
		"fd/1": os.DevNull,
		"fd/2": os.DevNull,
		"fd/3": fmt.Sprintf("net:[%d]", inode(t, a)),
		"fd/4": fmt.Sprintf("net:[%d]", inode(t, b)),
		"cwd":  "/",
	} {
		if got, err := os.Readlink(proc + link); err != nil || got != want {
			t.Errorf("%s is %q, %v, want %q", link, got, err, want)
		}
	}
	if cmdline, err := os.ReadFile(proc + "cmdline"); string(cmdline) != "a title of its own\x00" {
		t.Errorf("the process is called %q, %v", cmdline, err)
	}
	if environ, err := os.ReadFile(proc + "environ"); bytes.Count(environ, []byte{0}) != 1 {
		t.Errorf("the process has the environment %q, %v", environ, err)
	}
	if session, err := unix.Getsid(pid); session != pid {
		t.Errorf("session %d, %v, want its own: %d", session, err, pid)
	}
}

func TestHoldOutlivesInterrupts(t *testing.T) {
	ns, witness := netnstest.New(t), netnstest.New(t)
	pid := hold(t, ns)
	file := fmt.Sprintf("/proc/%d/fd/3", pid)
	netnstest.Output(t, witness, "ip link add name here0 type veth peer name there0 netns "+file)
	ns.Close()
	for _, s := range []unix.Signal{unix.SIGINT, unix.SIGHUP} {
		if err := unix.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(20 * time.Millisecond)
	again, err := netns.Open(file)
	if err != nil {
		t.Fatalf("after SIGINT and SIGHUP: %v", err)
	}
	links := netnstest.Output(t, again, "ip -o link show")
	again.Close()
	if !strings.Contains(links, "there0") {
		t.Errorf("the held namespace has the links\n%s", links)
	}
	var status unix.WaitStatus
	if err := unix.Kill(pid, unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Wait4(pid, &status, 0, nil); err != nil || status.ExitStatus() != 0 {
		t.Errorf("after SIGTERM: status %#x, %v, want exit 0", status, err)
	}
	eventually(t, func() error { return noLink(t, witness, "here0") })
}

func TestHoldNothingClosed(t *testing.T) {
	ns := netnstest.New(t)
	ns.Close()
	if holder, err := netns.Hold("closed", ns); err == nil {
		_ = unix.Kill(holder.Pid, unix.SIGKILL)
		_, _ = unix.Wait4(holder.Pid, nil, 0, nil)
		t.Error("Hold of a closed namespace succeeds")
	}
}
