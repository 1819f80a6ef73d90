package replace

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"testing"
	"unsafe"

	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// settings are much of what MPTCP takes, at once.
var settings = []struct{ level, option, value int }{
	{unix.SOL_IP, unix.IP_TOS, 0x10},
	{unix.SOL_SOCKET, unix.SO_PRIORITY, 0}, // which IP_TOS has changed
	{unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
	{unix.SOL_SOCKET, unix.SO_REUSEADDR, 1},
	{unix.SOL_SOCKET, unix.SO_REUSEPORT, 1},
	{unix.SOL_SOCKET, unix.SO_SNDBUF, 20_000},
	{unix.SOL_SOCKET, unix.SO_INCOMING_CPU, 1},
	{unix.SOL_TCP, unix.TCP_NODELAY, 1},
	{unix.SOL_TCP, unix.TCP_KEEPIDLE, 33},
	{unix.SOL_TCP, unix.TCP_KEEPINTVL, 11},
	{unix.SOL_TCP, unix.TCP_KEEPCNT, 3},
	{unix.SOL_TCP, unix.TCP_DEFER_ACCEPT, 5},
	{unix.SOL_TCP, unix.TCP_FASTOPEN_CONNECT, 1},
	{unix.SOL_TCP, unix.TCP_NOTSENT_LOWAT, 16_384},
	{unix.SOL_IP, unix.IP_FREEBIND, 1},
	{unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1},
	{unix.SOL_IPV6, unix.IPV6_V6ONLY, 1},
}

func init() {
	scenarios["furnished"] = scenario{make: func() (int, error) { return furnished(0) }}
	scenarios["furnished, closing"] = scenario{make: func() (int, error) { return furnished(unix.SOCK_CLOEXEC) }}
	scenarios["curl"] = scenario{make: told(unix.AF_INET, func(fd int) error { // as strace(1) shows it
		return errors.Join(unix.SetNonblock(fd, true), unix.SetsockoptInt(fd, unix.SOL_TCP, unix.TCP_NODELAY, 1),
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1), unix.SetsockoptInt(fd, unix.SOL_TCP, unix.TCP_KEEPIDLE, 60),
			unix.SetsockoptInt(fd, unix.SOL_TCP, unix.TCP_KEEPINTVL, 60))
	})}
	scenarios["size as it was"] = scenario{make: told(unix.AF_INET, func(fd int) error {
		size, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
		return errors.Join(err, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, size/2))
	})}
	scenarios["other namespace"] = scenario{make: elsewhere, want: ErrNamespace}
	scenarios["privileged"] = scenario{make: told(unix.AF_INET, func(fd int) error {
		return errors.Join(unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 64<<20),
			unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MARK, 7))
	})}
}

// furnished makes a socket with everything.
func furnished(flags int) (int, error) {
	fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|flags, 0)
	if err != nil {
		return -1, err
	}
	for _, s := range settings {
		if err := unix.SetsockoptInt(fd, s.level, s.option, s.value); err != nil {
			return -1, fmt.Errorf("option %d of level %d: %w", s.option, s.level, err)
		}
	}
	who := owner{kind: 1, pid: int32(os.Getpid())} // F_OWNER_PID
	_, signalErr := unix.FcntlInt(uintptr(fd), setSignal, int(unix.SIGWINCH))
	_, flagsErr := unix.FcntlInt(uintptr(fd), unix.F_SETFL, unix.O_NONBLOCK|unix.O_ASYNC)
	return fd, errors.Join(
		unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1, Linger: 5}),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 9}),
		unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &unix.Timeval{Sec: 2, Usec: 500_000}),
		unix.SetsockoptString(fd, unix.SOL_TCP, unix.TCP_CONGESTION, "reno"),
		fcntl(fd, setOwner, uintptr(unsafe.Pointer(&who))), signalErr, flagsErr)
}

// TestEverythingAtOnce compares the sockets of another process with ours, option by
// option, as the test reads them itself.
func TestEverythingAtOnce(t *testing.T) {
	for name, cloexec := range map[string]bool{"furnished": false, "furnished, closing": true, "size as it was": false} {
		pid, fd := hold(t, name)
		got, closes, err := Socket(pid, fd)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(got)
		old, err := copyOf(pid, fd)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(old)
		if closes != cloexec {
			t.Errorf("%s: closes on exec: %v", name, closes)
		}
		compareSettings(t, name, got, old)
		compareFiles(t, name, got, old)
	}
}

func compareSettings(t *testing.T, name string, got, want int) {
	t.Helper()
	list := []option{
		{level: unix.SOL_SOCKET, number: unix.SO_LINGER}, {level: unix.SOL_SOCKET, number: unix.SO_RCVTIMEO},
		{level: unix.SOL_SOCKET, number: unix.SO_SNDTIMEO}, {level: unix.SOL_TCP, number: unix.TCP_CONGESTION},
		{level: unix.SOL_SOCKET, number: unix.SO_BUF_LOCK}, {level: unix.SOL_SOCKET, number: unix.SO_RCVBUF},
	}
	for _, s := range settings {
		if s.level != unix.SOL_IPV6 || name != "size as it was" {
			list = append(list, option{level: s.level, number: s.option})
		}
	}
	for _, o := range list {
		if is, was := get(got, o), get(want, o); is != was {
			t.Errorf("%s: option %d of level %d: %s, was %s", name, o.number, o.level, is, was)
		}
	}
}

func compareFiles(t *testing.T, name string, got, want int) {
	t.Helper()
	for _, command := range []int{unix.F_GETFL, unix.F_GETOWN, getSignal} {
		is, err := unix.FcntlInt(uintptr(got), command, 0)
		was, wasErr := unix.FcntlInt(uintptr(want), command, 0)
		if is != was || err != nil || wasErr != nil {
			t.Errorf("%s: fcntl %d: %#x (%v), was %#x (%v)", name, command, is, err, was, wasErr)
		}
	}
}

// elsewhere makes a socket, and goes back to the namespace where the process was: the
// socket's counts, not the process's.
func elsewhere() (int, error) {
	runtime.LockOSThread()
	home, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return -1, fmt.Errorf("new namespace: %w", err)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	return fd, errors.Join(err, unix.Setns(home, unix.CLONE_NEWNET))
}

// TestNamespace: a socket of another namespace is replaced by one who makes them there.
func TestNamespace(t *testing.T) {
	netnstest.Require(t)
	pid, fd := hold(t, "plain")
	there := netnstest.New(t)
	_, _, err := SocketBy(pid, fd, func(family, protocol int) (made int, err error) {
		doErr := there.Do(func() error { made, err = Here(family, protocol); return err })
		return made, doErr
	})
	if !errors.Is(err, ErrNamespace) {
		t.Errorf("made elsewhere: %v", err)
	}
}

// TestThread: a thread may have descriptors of its own.
func TestThread(t *testing.T) {
	numbers := make(chan int)
	done := make(chan struct{})
	go offMain(func() {
		if err := unix.Unshare(unix.CLONE_FILES); err != nil {
			t.Error(err)
		}
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			err = unix.SetsockoptInt(fd, unix.SOL_TCP, unix.TCP_KEEPIDLE, 77)
		}
		if err != nil {
			t.Error(err)
		}
		numbers <- unix.Gettid()
		numbers <- fd
		<-done
	})
	defer close(done)
	tid, fd := <-numbers, <-numbers
	got, cloexec, err := Socket(tid, fd)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(got)
	if n, err := unix.GetsockoptInt(got, unix.SOL_TCP, unix.TCP_KEEPIDLE); n != 77 || err != nil || !cloexec {
		t.Errorf("TCP_KEEPIDLE %d (%v), closes on exec: %v", n, err, cloexec)
	}
}

// TestGone: no process, and one that is not ours to look at.
func TestGone(t *testing.T) {
	if _, _, err := Socket(1<<22, 3); !errors.Is(err, unix.ESRCH) && !errors.Is(err, unix.EINVAL) || errors.Is(err, ErrNotReplaceable) {
		t.Errorf("no process: %v", err)
	}
	if os.Getuid() != 0 {
		if _, _, err := Socket(1, 3); err == nil {
			t.Error("a socket of process 1 could be had")
		}
	}
}

// BenchmarkSocket is for a client that has set what curl sets, of a process with few
// descriptors.
func BenchmarkSocket(b *testing.B) {
	for _, name := range []string{"plain", "curl", "furnished", "watched"} {
		b.Run(name, func(b *testing.B) {
			pid, fd := hold(b, name)
			for b.Loop() {
				got, _, err := Socket(pid, fd)
				if err != nil {
					b.Fatal(err)
				}
				unix.Close(got)
			}
		})
	}
}
