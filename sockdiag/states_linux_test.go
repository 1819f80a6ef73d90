package sockdiag_test

import (
	"net/netip"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
	"allroads/sockdiag"

	"golang.org/x/sys/unix"
)

// ends divides connections to a port into those of the end that connected, and the
// other.
func ends(all []*sockdiag.Connection, port uint16) (clients, servers []*sockdiag.Connection) {
	for _, c := range all {
		switch port {
		case c.Remote.Port():
			clients = append(clients, c)
		case c.Local.Port():
			servers = append(servers, c)
		}
	}
	return clients, servers
}

// TestJoined: each end of a connection has its own token and two subflows, of which
// each is the other end's the other way round.
func TestJoined(t *testing.T) {
	ns := here(t)
	p := open(t, ns, 1, any4, one)
	all := await(t, dial(t, ns), sockdiag.Filter{}, settled(2, 2))
	clients, servers := ends(all, p.to.Port())
	if len(clients) != 1 || len(servers) != 1 {
		t.Fatalf("%d clients, %d servers", len(clients), len(servers))
	}
	client, server := clients[0], servers[0]
	if client.Info.Token == server.Info.Token || client.Info.Token == 0 || !client.Info.RemoteKeyReceived {
		t.Errorf("tokens %#x and %#x", client.Info.Token, server.Info.Token)
	}
	for i := range client.Subflows {
		mine, theirs := &client.Subflows[i], &server.Subflows[i]
		if mine.Local != theirs.Remote || mine.Remote != theirs.Local || mine.LocalID != theirs.RemoteID {
			t.Errorf("subflow %d: %+v at one end, %+v at the other", i, mine, theirs)
		}
		if mine.LocalToken != client.Info.Token || theirs.LocalToken != server.Info.Token {
			t.Errorf("subflow %d: local tokens %#x and %#x", i, mine.LocalToken, theirs.LocalToken)
		}
		if mine.Initial() != (i == 0) || theirs.Initial() != (i == 0) {
			t.Errorf("subflow %d: initial at the ends: %t, %t", i, mine.Initial(), theirs.Initial())
		}
	}
	joined := &client.Subflows[1]
	if joined.Local.Addr() != second || joined.LocalID != 1 || joined.RemoteToken != server.Info.Token {
		t.Errorf("second subflow %+v, want id 1 from %s with token %#x", joined, second, server.Info.Token)
	}
	// What only the end that joins is told, and what only exists there.
	if server.Subflows[1].RemoteToken != 0 || joined.Flags&sockdiag.JoinLocal == 0 ||
		server.Subflows[1].Flags&sockdiag.JoinLocal != 0 {
		t.Errorf("second subflow %+v, at the other end %+v", joined, server.Subflows[1])
	}
}

// TestMapped: IPv4 to a socket of IPv6.
func TestMapped(t *testing.T) {
	ns := here(t)
	p := open(t, ns, 1, any6, one)
	_, servers := ends(await(t, dial(t, ns), sockdiag.Filter{}, settled(2, 2)), p.to.Port())
	if len(servers) != 1 {
		t.Fatalf("%d servers", len(servers))
	}
	c := servers[0]
	if !c.V6Socket || c.Local != netip.AddrPortFrom(one, p.to.Port()) || c.Remote.Addr() != one {
		t.Errorf("%s to %s, socket of IPv6: %t", c.Local, c.Remote, c.V6Socket)
	}
	for _, s := range c.Subflows {
		if !s.Local.Addr().Is4() || !s.Remote.Addr().Is4() {
			t.Errorf("subflow %s to %s", s.Local, s.Remote)
		}
	}
}

// TestListeners: those of programs, some of which `ss -M` leaves out, and the
// kernel's own.
func TestListeners(t *testing.T) {
	ns := here(t)
	netnstest.Output(t, ns, "ip mptcp endpoint add 10.9.0.1 signal port 7777")
	netnstest.Output(t, ns, "ip mptcp endpoint add fd09::1 signal port 7778")
	const same = 8
	for i := range same {
		listen(t, ns, netip.AddrPortFrom(any6, 7000), i+1)
	}
	listen(t, ns, netip.AddrPortFrom(one, 7001), 100)
	type listener struct {
		at       netip.AddrPort
		endpoint bool
		backlog  uint32
	}
	want := map[listener]bool{
		{netip.AddrPortFrom(one, 7777), true, 1024}:  true,
		{netip.AddrPortFrom(one6, 7778), true, 1024}: true,
		{netip.AddrPortFrom(one, 7001), false, 100}:  true,
	}
	for i := range same {
		want[listener{netip.AddrPortFrom(any6, 7000), false, uint32(i + 1)}] = true
	}
	inodes := make(map[uint64]bool)
	for _, c := range list(t, dial(t, ns), sockdiag.Filter{Listeners: sockdiag.OnlyListeners}) {
		key := listener{c.Local, c.PortEndpoint, c.SendQueue}
		if !want[key] || c.State != mptcp.StateListen || c.Remote.IsValid() || inodes[c.Inode] {
			t.Errorf("%+v is not wanted, or listed twice", c)
		}
		delete(want, key)
		inodes[c.Inode] = true
	}
	for l := range want {
		t.Errorf("%+v is not listed", l)
	}
}

func listen(t testing.TB, ns *netns.NS, at netip.AddrPort, backlog int) (fd int) {
	t.Helper()
	err := ns.Do(func() (err error) {
		if fd, err = socket(at.Addr()); err != nil {
			return err
		}
		t.Cleanup(func() { unix.Close(fd) })
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
			return err
		}
		if err := unix.Bind(fd, sockaddr(at)); err != nil {
			return err
		}
		return unix.Listen(fd, backlog)
	})
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

// TestUnaccepted: a connection that no program has accepted yet has no inode.
func TestUnaccepted(t *testing.T) {
	ns := here(t)
	at := netip.AddrPortFrom(one, 7002)
	listen(t, ns, at, 10)
	err := ns.Do(func() error {
		fd, err := socket(one)
		if err != nil {
			return err
		}
		t.Cleanup(func() { unix.Close(fd) })
		if err := unix.Connect(fd, sockaddr(at)); err != nil {
			return err
		}
		_, err = unix.Write(fd, []byte("hello"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all := list(t, dial(t, ns), sockdiag.Filter{})
	clients, servers := ends(all, 7002)
	if len(clients) != 1 || len(servers) != 1 || clients[0].Inode == 0 || servers[0].Inode != 0 {
		t.Fatalf("clients %v, servers %v", clients, servers)
	}
	if servers[0].RecvQueue == 0 {
		t.Error("nothing waits to be read")
	}
}
