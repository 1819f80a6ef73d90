package replace

import (
	"errors"
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAddress: what getsockname() said before stays true, the TCP socket is as it was,
// and a connection comes from there when it is gone.
func TestAddress(t *testing.T) {
	for _, c := range []struct {
		name    string
		family  int
		prepare func(fd int) error
		address unix.Sockaddr
	}{
		{"address", unix.AF_INET, nil, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 3}}},
		{"anywhere", unix.AF_INET, nil, &unix.SockaddrInet4{}},
		{"ipv6", unix.AF_INET6, nil, &unix.SockaddrInet6{Addr: [16]byte{15: 1}}},
		{"mapped", unix.AF_INET6, nil, &unix.SockaddrInet6{Addr: netip.MustParseAddr("::ffff:127.0.0.4").As16()}},
		{"reuse", unix.AF_INET, number(unix.SOL_SOCKET, unix.SO_REUSEADDR, 1), loopback4},
		{"reuseport", unix.AF_INET, number(unix.SOL_SOCKET, unix.SO_REUSEPORT, 1), loopback4},
		{"no port", unix.AF_INET, number(unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1), &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 5}}},
		{"foreign", unix.AF_INET, number(unix.SOL_IP, unix.IP_FREEBIND, 1), &unix.SockaddrInet4{Addr: [4]byte{198, 51, 100, 7}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			old := newSocket(t, c.family, unix.IPPROTO_TCP)
			if c.prepare != nil {
				if err := c.prepare(old); err != nil {
					t.Fatal(err)
				}
			}
			if err := unix.Bind(old, c.address); err != nil {
				t.Fatal(err)
			}
			checkMoved(t, old, c.family, c.name != "foreign")
		})
	}
}

func checkMoved(t *testing.T, old, family int, reachable bool) {
	t.Helper()
	want := name(t, old)
	reuse, _ := unix.GetsockoptInt(old, unix.SOL_SOCKET, unix.SO_REUSEADDR)
	got, err := replaced(t, old)
	if err != nil {
		t.Fatal(err)
	}
	if name(t, got) != want || name(t, old) != want {
		t.Errorf("bound to %s, the old socket to %s, want %s", name(t, got), name(t, old), want)
	}
	for _, fd := range []int{old, got} {
		if n, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR); n != reuse || err != nil {
			t.Errorf("SO_REUSEADDR is %d (%v), was %d", n, err, reuse)
		}
	}
	if !reachable {
		return
	}
	if err := unix.Dup3(newSocket(t, unix.AF_INET, unix.IPPROTO_TCP), old, unix.O_CLOEXEC); err != nil { // as Listener.Replace does
		t.Fatal(err)
	}
	checkConnects(t, got, family, want)
}

// checkConnects looks at the other end of a connection.
func checkConnects(t *testing.T, fd, family int, want netip.AddrPort) {
	t.Helper()
	server := newSocket(t, family, unix.IPPROTO_MPTCP)
	var at unix.Sockaddr = loopback4
	if family == unix.AF_INET6 {
		at = &unix.SockaddrInet6{Addr: [16]byte{15: 1}}
		if want.Addr().Is4In6() {
			at = &unix.SockaddrInet6{Addr: netip.MustParseAddr("::ffff:127.0.0.1").As16()}
		}
	}
	if err := errors.Join(unix.Bind(server, at), unix.Listen(server, 1)); err != nil {
		t.Fatal(err)
	}
	at, err := unix.Getsockname(server)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Connect(fd, at); err != nil {
		t.Fatal(err)
	}
	accepted, peer, err := unix.Accept(server)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(accepted)
	from := addrPort(peer)
	if want.Port() != 0 && from.Port() != want.Port() || !want.Addr().Unmap().IsUnspecified() && from.Addr() != want.Addr() {
		t.Errorf("connected from %s, want %s", from, want)
	}
	if protocol, _ := unix.GetsockoptInt(accepted, unix.SOL_SOCKET, unix.SO_PROTOCOL); protocol != unix.IPPROTO_MPTCP {
		t.Errorf("the server's end has protocol %d", protocol)
	}
}

func name(t testing.TB, fd int) netip.AddrPort {
	t.Helper()
	a, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return addrPort(a)
}

func addrPort(a unix.Sockaddr) netip.AddrPort {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	}
	return netip.AddrPort{}
}

// TestServer: a socket that is bound becomes a server at the same address.
func TestServer(t *testing.T) {
	old := newSocket(t, unix.AF_INET, unix.IPPROTO_TCP)
	if err := unix.Bind(old, loopback4); err != nil {
		t.Fatal(err)
	}
	want := name(t, old)
	got, err := replaced(t, old)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Dup3(newSocket(t, unix.AF_INET, unix.IPPROTO_TCP), old, unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(got, 1); err != nil {
		t.Fatal(err)
	}
	client := newSocket(t, unix.AF_INET, unix.IPPROTO_MPTCP)
	if err := unix.Connect(client, &unix.SockaddrInet4{Addr: want.Addr().As4(), Port: int(want.Port())}); err != nil {
		t.Fatal(err)
	}
	accepted, _, err := unix.Accept(got)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(accepted)
}

// TestPortGivenBack: getsockname() of a socket whose connect() has failed gives a port
// that is not its own any more.
func TestPortGivenBack(t *testing.T) {
	old := newSocket(t, unix.AF_INET, unix.IPPROTO_TCP)
	if err := refused(old); err != nil {
		t.Fatal(err)
	}
	at, err := unix.Getsockname(old)
	if err != nil || name(t, old).Port() == 0 {
		t.Skipf("this kernel gives %s (%v)", name(t, old), err)
	}
	other := newSocket(t, unix.AF_INET, unix.IPPROTO_TCP)
	if err := errors.Join(unix.Bind(other, at), unix.Listen(other, 1)); err != nil {
		t.Fatal(err)
	}
	got, err := replaced(t, old)
	if err != nil {
		t.Fatal(err)
	}
	for what, fd := range map[string]int{"the new": got, "the old": old} {
		if err := unix.Bind(fd, loopback4); err != nil {
			t.Errorf("%s socket is bound: %v", what, err)
		}
	}
}

// TestTaken: somebody else who does not share has the port as well, by another rule.
func TestTaken(t *testing.T) {
	old := newSocket(t, unix.AF_INET, unix.IPPROTO_TCP)
	other := newSocket(t, unix.AF_INET, unix.IPPROTO_TCP)
	for _, fd := range []int{old, other} {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := unix.Bind(old, loopback4); err != nil {
		t.Fatal(err)
	}
	at, err := unix.Getsockname(old)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(unix.Bind(other, at), unix.Listen(other, 1)); err != nil {
		t.Fatal(err)
	}
	_, err = replaced(t, old)
	if !errors.Is(err, ErrBound) || !errors.Is(err, ErrNotReplaceable) || !errors.Is(err, unix.EADDRINUSE) || Reason(err) != ErrBound.Error() {
		t.Errorf("got %v", err)
	}
}
