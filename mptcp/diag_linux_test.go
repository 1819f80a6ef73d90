package mptcp

import (
	"net"
	"net/netip"
	"testing"
)

// sock_diag finds the socket that it is asked for, whatever addresses it has: its
// token is the one that the socket itself tells.
func TestDiag(t *testing.T) {
	ends := map[string]*Conn{}
	for _, at := range loopbacks(t) {
		ends["client "+at.String()], ends["server "+at.String()] = connectAt(t, at)
	}
	if len(loopbacks(t)) > 1 {
		ends["dual stack client"], ends["dual stack server"] = connectDual(t)
	}
	l := listenAt(t, loopback4)
	bound, err := (&Dialer{Race: []Source{{Interface: "lo"}}}).Dial(soon(t), l.AddrPort())
	if err != nil {
		t.Fatal(err)
	}
	defer bound.Close()
	ends["bound"] = bound
	for name, end := range ends {
		info, err := end.Info()
		if err != nil {
			t.Fatal(err)
		}
		flags, found := diagnose(t, end)
		if found == nil || found.Token != info.Token || !found.RemoteKeyReceived || flags&flagCapableRemote == 0 {
			t.Errorf("%s: sock_diag finds flags %x and %+v, the socket has %+v", name, flags, found, info)
		}
	}
}

// connectDual connects over IPv4 to a socket of IPv6.
func connectDual(t *testing.T) (client, server *Conn) {
	t.Helper()
	l := listenAt(t, netip.MustParseAddrPort("[::]:0"))
	client, err := new(Dialer).Dial(soon(t), netip.AddrPortFrom(loopback4.Addr(), l.AddrPort().Port()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	if got := server.RemoteAddr().(*net.TCPAddr); got.IP.To4() == nil {
		t.Fatalf("accepted from %v", got)
	}
	return client, server
}

func diagnose(t *testing.T, c *Conn) (flags uint32, info *Info) {
	t.Helper()
	_, err := control(c, func(fd int) (struct{}, error) {
		return struct{}{}, inNamespaceOf(fd, func(diag *diagSocket) {
			token, ok := uint32(0), false
			if flags, token, ok = diag.subflow(fd); ok {
				info, _ = diag.info(token)
			}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return flags, info
}

// A socket of another namespace is not looked for in this one.
func TestDiagElsewhere(t *testing.T) {
	ns := newNamespace(t)
	client, _ := connectIn(t, ns, loopback4)
	if _, err := control(client, func(fd int) (bool, error) {
		here, err := tryHere(fd, func(*diagSocket) { t.Error("looks into the wrong namespace") })
		if here || err != nil {
			t.Errorf("thinks that the socket is here: %v, %v", here, err)
		}
		return here, err
	}); err != nil {
		t.Fatal(err)
	}
	if _, info := diagnose(t, client); info == nil {
		t.Error("the socket is not found in its own namespace")
	}
}
