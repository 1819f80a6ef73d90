package watch

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// TestListener: clients with MPTCP and without, in this namespace.
func TestListener(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"} {
		t.Run(at, func(t *testing.T) {
			w := watcher(t)
			testListener(t, w, netip.MustParseAddrPort(at))
		})
	}
}

// TestListenerElsewhere: in another namespace, which may be entered.
func TestListenerElsewhere(t *testing.T) {
	ns := netnstest.New(t)
	netnstest.Output(t, ns, "ip link set lo up")
	w := watcher(t)
	err := ns.Do(func() error {
		testListener(t, w, netip.MustParseAddrPort("127.0.0.1:0"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func testListener(t *testing.T, w *Watcher, at netip.AddrPort) {
	t.Helper()
	fd := hand(t, w, family(at))
	if err := unix.Bind(fd, sockaddr(at)); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 100); err != nil {
		t.Fatal(err)
	}
	r := await(t, w, "listening", func(r Connections) bool { return r.Listening == 1 })
	if r.Accepted.MPTCP != 0 || r.Accepted.TCP != 0 || r.Unconnected != 0 {
		t.Errorf("before any client: %+v", r)
	}
	to := localOf(fd)
	if to.Addr().IsUnspecified() {
		to = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), to.Port())
	}
	client(t, to, unix.IPPROTO_MPTCP)
	client(t, to, unix.IPPROTO_MPTCP)
	client(t, to, unix.IPPROTO_TCP)
	is := func(r Connections) bool {
		return r.Accepted.MPTCP == 2 && r.Accepted.TCP == 1 && len(r.Accepted.Subflows) == 1 && r.Accepted.Subflows[0] == (Subflows{1, 2})
	}
	await(t, w, "accepted", is)
	w.Look()
	if r := w.Report(); !is(r) || r.Connected != 0 {
		t.Errorf("once more: %+v", r)
	}
	unix.Close(fd) // The clients are reset, and the listener has been one.
	w.Look()
	if r := w.Report(); !is(r) || r.Listening != 1 || len(r.Unknown) > 0 {
		t.Errorf("at the end: %+v", r)
	}
}

// client connects a socket that nobody watches.
func client(t *testing.T, to netip.AddrPort, protocol int) int {
	t.Helper()
	fd, err := unix.Socket(family(to), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := unix.Connect(fd, sockaddr(to)); err != nil {
		t.Fatal(err)
	}
	return fd
}

// TestListenerShortly: connections that are soon over are seen because the listener
// tells when somebody comes.
func TestListenerShortly(t *testing.T) {
	w := watcher(t)
	fd := hand(t, w, unix.AF_INET)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 100); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	await(t, w, "listening", func(r Connections) bool { return r.Listening == 1 })
	time.Sleep(time.Second) // The looks are seldom by now.
	c, err := net.Dial("tcp", localOf(fd).String())
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	c.Close()
	await(t, w, "accepted", func(r Connections) bool { return r.Accepted.TCP == 1 })
}

// TestListenerMany: as many connections as a busy server has, accepted by nobody yet. The
// listener then always has something to tell, and is asked now and then only.
func TestListenerMany(t *testing.T) {
	w := watcher(t)
	fd := hand(t, w, unix.AF_INET)
	defer unix.Close(fd)
	if err := unix.Listen(fd, 1000); err != nil {
		t.Fatal(err)
	}
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), localOf(fd).Port())
	for range 250 {
		client(t, to, unix.IPPROTO_MPTCP)
		client(t, to, unix.IPPROTO_TCP)
	}
	await(t, w, "accepted", func(r Connections) bool { return r.Accepted.MPTCP == 250 && r.Accepted.TCP == 250 })
	before, begin := rounds(w), time.Now()
	time.Sleep(300 * time.Millisecond)
	if n, most := rounds(w)-before, time.Since(begin)/intervals[0]+2; n > uint32(most) {
		t.Errorf("%d listings in %v", n, time.Since(begin))
	}
}

func rounds(w *Watcher) uint32 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.listing.round
}

// TestListenerInherited: who made the listener has ended, and its child serves.
func TestListenerInherited(t *testing.T) {
	w := watcher(t)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		t.Fatal(err)
	}
	k := w.Prepare(fd)
	parent, child := start(t, fd), start(t, fd)
	unix.Close(fd)
	w.Handed(k, parent.cmd.Process.Pid, 3)
	parent.must("bind", 3, "127.0.0.1:0")
	port := parent.must("listen", 3)
	await(t, w, "listening", func(r Connections) bool { return r.Listening == 1 })
	parent.done()
	w.Look()
	client(t, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port)), unix.IPPROTO_MPTCP)
	child.must("accept", 3)
	await(t, w, "accepted by the child", func(r Connections) bool { return r.Listening == 1 && r.Accepted.MPTCP == 1 })
}

// TestListenerClosed: a connection that is accepted under the number that the listener had,
// with its cookie, is none that the program made.
func TestListenerClosed(t *testing.T) {
	w := watcher(t)
	p := give(t, w)
	p.must("bind", 3, "127.0.0.1:0")
	port := p.must("listen", 3)
	await(t, w, "listening", func(r Connections) bool { return r.Listening == 1 })
	client(t, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port)), unix.IPPROTO_MPTCP)
	accepted := p.must("accept", 3)
	await(t, w, "accepted", func(r Connections) bool { return r.Accepted.MPTCP == 1 })
	p.must("dup2", accepted, 3)
	p.must("close", accepted)
	w.Look()
	w.Look()
	if r := w.Report(); r.Listening != 1 || r.Accepted.MPTCP != 1 || r.Connected != 0 {
		t.Errorf("%+v", r)
	}
}

// TestListensAtOnce: the event of a new socket, which wakes who waits for events, is
// none any more when it listens already.
func TestListensAtOnce(t *testing.T) {
	w := watcher(t)
	for i := range 20 {
		fd := hand(t, w, unix.AF_INET)
		if err := unix.Listen(fd, 1); err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		await(t, w, "listening", func(r Connections) bool { return r.Listening == i+1 })
	}
}
