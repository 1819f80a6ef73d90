package sockdiag_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

var (
	any4   = netip.MustParseAddr("0.0.0.0")
	any6   = netip.MustParseAddr("::")
	one    = netip.MustParseAddr("10.9.0.1") // where one connects to
	second = netip.MustParseAddr("10.9.1.1") // where second subflows come from
	one6   = netip.MustParseAddr("fd09::1")
)

// here is a namespace where connections to one get a second subflow.
func here(t testing.TB) *netns.NS {
	t.Helper()
	ns := netnstest.New(t)
	for _, command := range []string{
		"ip link set lo up",
		"ip addr add 10.9.0.1/32 dev lo", "ip addr add 10.9.1.1/32 dev lo", "ip addr add fd09::1/128 dev lo nodad",
		"ip mptcp limits set subflow 2 add_addr_accepted 2",
		"ip mptcp endpoint add 10.9.1.1 subflow",
	} {
		netnstest.Output(t, ns, command)
	}
	// The kernel installs the address of IPv6 in the background.
	for end := time.Now().Add(10 * time.Second); netnstest.Output(t, ns, "ip -6 address show dev lo tentative") != "" ||
		!strings.Contains(netnstest.Output(t, ns, "ip -6 route show table local"), one6.String()); {
		if time.Now().After(end) {
			t.Fatalf("%s is not there", one6)
		}
	}
	// Each second subflow takes one of its address's ports for itself.
	if err := ns.SetSysctl("net.ipv4.ip_local_port_range", "1024 65535"); err != nil {
		t.Fatal(err)
	}
	return ns
}

// pairs are connections of which this process has both ends.
type pairs struct {
	listener int
	to       netip.AddrPort
	fds      []int // client, server, client, ...
}

// open makes n connections to an address in a namespace, whose listener is at at.
func open(t testing.TB, ns *netns.NS, n int, at, to netip.Addr) *pairs {
	t.Helper()
	p := new(pairs)
	t.Cleanup(p.close)
	err := ns.Do(func() error {
		if err := p.listen(at); err != nil {
			return err
		}
		return p.connect(n, to)
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *pairs) listen(at netip.Addr) (err error) {
	p.listener, err = socket(at)
	if err != nil {
		return err
	}
	if err := unix.Bind(p.listener, sockaddr(netip.AddrPortFrom(at, 0))); err != nil {
		return err
	}
	name, err := unix.Getsockname(p.listener)
	if err != nil {
		return err
	}
	p.to = addrPort(name)
	return unix.Listen(p.listener, 128)
}

func (p *pairs) connect(n int, to netip.Addr) error {
	for range n {
		client, err := socket(to)
		if err != nil {
			return err
		}
		p.fds = append(p.fds, client)
		if err := unix.Connect(client, sockaddr(netip.AddrPortFrom(to, p.to.Port()))); err != nil {
			return fmt.Errorf("connect to %s: %w", to, err)
		}
		server, _, err := unix.Accept(p.listener)
		if err != nil {
			return err
		}
		p.fds = append(p.fds, server)
		if err := greet(client, server); err != nil {
			return err
		}
	}
	return nil
}

// greet sends a byte each way, after which the client may add subflows.
func greet(client, server int) error {
	one := make([]byte, 1)
	for _, fds := range [][2]int{{client, server}, {server, client}} {
		if _, err := unix.Write(fds[0], one); err != nil {
			return err
		}
		if _, err := unix.Read(fds[1], one); err != nil {
			return err
		}
	}
	return nil
}

func (p *pairs) close() {
	for _, fd := range append(p.fds, p.listener) {
		if fd > 0 {
			unix.Close(fd)
		}
	}
	p.fds, p.listener = nil, 0
}

func socket(family netip.Addr) (int, error) {
	kind := unix.AF_INET6
	if family.Is4() {
		kind = unix.AF_INET
	}
	return unix.Socket(kind, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

func addrPort(sa unix.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), uint16(sa.Port))
	}
	return netip.AddrPort{}
}
