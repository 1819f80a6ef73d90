package watch

import (
	"os"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

func TestConnect(t *testing.T) {
	for _, c := range []struct {
		name, host string
		protocol   int
		ok         func(Connections) bool
	}{
		{"MPTCP over IPv4", "127.0.0.1", unix.IPPROTO_MPTCP, func(r Connections) bool { return r.MPTCP == 1 && r.FallenBack == 0 }},
		{"MPTCP over IPv6", "::1", unix.IPPROTO_MPTCP, func(r Connections) bool { return r.MPTCP == 1 && r.FallenBack == 0 }},
		{"TCP over IPv4", "127.0.0.1", unix.IPPROTO_TCP, func(r Connections) bool { return r.MPTCP == 0 && r.FallenBack == 1 }},
		{"TCP over IPv6", "::1", unix.IPPROTO_TCP, func(r Connections) bool { return r.MPTCP == 0 && r.FallenBack == 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := watcher(t)
			to := listen(t, c.protocol, c.host)
			fd := hand(t, w, family(to))
			if r := w.Report(); r.Unconnected != 1 || r.Sockets != 1 {
				t.Errorf("before connecting: %+v", r)
			}
			if err := unix.Connect(fd, sockaddr(to)); err != nil {
				t.Fatal(err)
			}
			await(t, w, "connected", c.ok)
			unix.Close(fd)
			w.Look()
			if r := w.Report(); !c.ok(r) || r.Unconnected != 0 || len(r.Unknown) > 0 {
				t.Errorf("after closing: %+v", r)
			}
		})
	}
}

// TestCause: in a namespace of its own, where nothing else has fallen back.
func TestCause(t *testing.T) {
	ns := netnstest.New(t)
	netnstest.Output(t, ns, "ip link set lo up")
	w := watcher(t)
	fd := -1
	err := ns.Do(func() error {
		to := listen(t, unix.IPPROTO_TCP, "127.0.0.1")
		fd = hand(t, w, unix.AF_INET)
		return unix.Connect(fd, sockaddr(to))
	})
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	r := await(t, w, "fell back", func(r Connections) bool { return r.FallenBack == 1 })
	if len(r.Causes) != 1 || r.Causes[0] != (Cause{mptcp.CauseSYNACK.String(), 1}) {
		t.Errorf("causes %+v", r.Causes)
	}
}

func TestRefused(t *testing.T) {
	for _, blocking := range []bool{true, false} {
		w := watcher(t)
		fd := hand(t, w, unix.AF_INET)
		time.Sleep(5 * time.Millisecond) // The first event is over.
		unix.SetNonblock(fd, !blocking)
		if err := unix.Connect(fd, &unix.SockaddrInet4{Port: 1, Addr: [4]byte{127, 0, 0, 1}}); err == nil {
			t.Fatal("port 1 is open")
		}
		await(t, w, "refused", func(r Connections) bool { return r.Failed == 1 && r.Connected == 0 })
		to := listen(t, unix.IPPROTO_MPTCP, "127.0.0.1")
		unix.Connect(fd, sockaddr(to)) // ECONNREFUSED once more when it did not block.
		unix.SetNonblock(fd, false)
		if err := unix.Connect(fd, sockaddr(to)); err != nil && err != unix.EISCONN {
			t.Fatal(err)
		}
		await(t, w, "connected after all", func(r Connections) bool { return r.Failed == 0 && r.MPTCP == 1 })
		unix.Close(fd)
	}
}

// TestReconnect: connect() to AF_UNSPEC takes a connection away, and the socket can be
// used again.
func TestReconnect(t *testing.T) {
	w := watcher(t)
	to, tcp := listen(t, unix.IPPROTO_MPTCP, "127.0.0.1"), listen(t, unix.IPPROTO_TCP, "127.0.0.1")
	fd := hand(t, w, unix.AF_INET)
	if err := unix.Connect(fd, sockaddr(to)); err != nil {
		t.Fatal(err)
	}
	await(t, w, "connected", func(r Connections) bool { return r.MPTCP == 1 })
	disconnect(t, fd)
	w.Look()
	if r := w.Report(); r.MPTCP != 1 || r.Unconnected != 0 {
		t.Errorf("disconnected: %+v", r)
	}
	if err := unix.Connect(fd, sockaddr(tcp)); err != nil {
		t.Fatal(err)
	}
	await(t, w, "connected again", func(r Connections) bool { return r.MPTCP == 1 && r.FallenBack == 1 })
	disconnect(t, fd)
	if err := unix.Connect(fd, sockaddr(to)); err != nil {
		t.Fatal(err)
	}
	unix.Close(fd)
	w.Look()
	if r := w.Report(); r.Sockets != 1 || r.Connected < 2 {
		t.Errorf("at the end: %+v", r)
	}
}

// TestNumberReused: another socket that has the number now is not taken for the first.
func TestNumberReused(t *testing.T) {
	w := watcher(t)
	to := listen(t, unix.IPPROTO_MPTCP, "127.0.0.1")
	fd := hand(t, w, unix.AF_INET)
	other, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(other)
	if err := unix.Dup3(other, fd, unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, sockaddr(to)); err != nil {
		t.Fatal(err)
	}
	w.Look()
	r := w.Report()
	if r.Connected != 0 || len(r.Unknown) != 1 || r.Unknown[0] != (Unknown{reasonTexts[neverSeen], 1}) {
		t.Errorf("%+v", r)
	}
}

// TestDropped: what was not handed over is not in the report.
func TestDropped(t *testing.T) {
	w := watcher(t)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		t.Fatal(err)
	}
	k := w.Prepare(fd)
	w.Dropped(k)
	unix.Close(fd)
	if r := w.Report(); r.Sockets != 0 || r.Unconnected != 0 {
		t.Errorf("%+v", r)
	}
	w.Handed(k, os.Getpid(), 3) // Too late, and counted as not watched.
	if r := w.Report(); r.Sockets != 1 || len(r.Unknown) != 1 {
		t.Errorf("%+v", r)
	}
}

// TestConnectedBeforeHanded: the program may be faster than the supervisor.
func TestConnectedBeforeHanded(t *testing.T) {
	w := watcher(t)
	to := listen(t, unix.IPPROTO_MPTCP, "127.0.0.1")
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	k := w.Prepare(fd)
	if err := unix.Connect(fd, sockaddr(to)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(5 * time.Millisecond)
	if r := w.Report(); r.Connected != 0 {
		t.Fatalf("before it was handed over: %+v", r)
	}
	w.Handed(k, os.Getpid(), fd)
	await(t, w, "connected", func(r Connections) bool { return r.MPTCP == 1 })
}

// TestHeld: sockets that the program has made, in whatever state.
func TestHeld(t *testing.T) {
	w := watcher(t)
	p := start(t)
	to := listen(t, unix.IPPROTO_MPTCP, "127.0.0.1")
	before, after := p.must("socket"), p.must("socket")
	p.must("connect", before, to)
	w.Held(p.cmd.Process.Pid, before)
	w.Held(p.cmd.Process.Pid, after)
	await(t, w, "held", func(r Connections) bool { return r.MPTCP == 1 && r.Unconnected == 1 })
	server := p.must("socket")
	p.must("bind", server, "127.0.0.1:0")
	p.must("listen", server)
	w.Held(p.cmd.Process.Pid, server)
	await(t, w, "a listener", func(r Connections) bool { return r.Listening == 1 })
	p.must("connect", after, to)
	await(t, w, "both connected", func(r Connections) bool { return r.MPTCP == 2 })
	w.Held(p.cmd.Process.Pid, 1) // Not a socket: left alone.
	if r := w.Report(); r.Sockets != 3 {
		t.Errorf("not a socket: %+v", r)
	}
}

func disconnect(t *testing.T, fd int) {
	t.Helper()
	if err := connectUnspec(fd); err != nil {
		t.Fatal(err)
	}
}
