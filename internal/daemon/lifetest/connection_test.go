package lifetest_test

import (
	"context"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"allroads/mptcp"
	"allroads/sockdiag"
)

// listener echoes what connections bring, and keeps its side of them open.
type listener struct {
	port  uint16
	mutex sync.Mutex
	open  []net.Conn
}

func (n *network) listen() *listener {
	n.t.Helper()
	var inside net.Listener
	err := n.server.Run(func() (err error) {
		config := net.ListenConfig{}
		config.SetMultipathTCP(true)
		inside, err = config.Listen(context.Background(), "tcp", "[::]:0")
		return err
	})
	if err != nil {
		n.t.Fatal(err)
	}
	l := &listener{port: uint16(inside.Addr().(*net.TCPAddr).Port)}
	n.t.Cleanup(func() { inside.Close(); l.close() })
	go l.serve(inside)
	return l
}

func (l *listener) serve(inside net.Listener) {
	for {
		conn, err := inside.Accept()
		if err != nil {
			return
		}
		l.mutex.Lock()
		l.open = append(l.open, conn)
		l.mutex.Unlock()
		go io.Copy(conn, conn)
	}
}

func (l *listener) close() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, conn := range l.open {
		conn.Close()
	}
}

// connection is one of the client's that stays open.
type connection struct {
	net.Conn
	n     *network
	local netip.AddrPort
}

// connect makes a connection from an address of the client, which is fully established.
func (n *network) connect(from string) *connection {
	n.t.Helper()
	source, server := netip.MustParseAddr(from), netip.MustParseAddr(serverV4)
	if source.Is6() {
		server = netip.MustParseAddr(serverV6)
	}
	c := &connection{n: n}
	err := n.client.Run(func() (err error) {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: source.AsSlice()}}
		dialer.SetMultipathTCP(true)
		c.Conn, err = dialer.DialContext(n.t.Context(), "tcp", netip.AddrPortFrom(server, n.listener.port).String())
		return err
	})
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { c.Close() })
	c.local = c.LocalAddr().(*net.TCPAddr).AddrPort()
	c.echo(n.t)
	return c
}

// echo sends a byte there and back.
func (c *connection) echo(t *testing.T) {
	t.Helper()
	b := []byte{'x'}
	c.SetDeadline(time.Now().Add(patience))
	defer c.SetDeadline(time.Time{})
	if _, err := c.Write(b); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, b); err != nil {
		t.Fatal(err)
	}
}

// connections are those of the client to the listener that live, with copies of what the
// kernel says.
func (n *network) connections() (found []*sockdiag.Connection) {
	n.t.Helper()
	for c, err := range n.sockets.Connections(n.t.Context(), sockdiag.Filter{Port: n.listener.port}) {
		if err != nil {
			n.t.Fatal(err)
		}
		found = append(found, c.Clone())
	}
	return found
}

// subflows are the local ends of a connection's subflows whose handshake is complete.
func (c *connection) subflows() (ends []netip.AddrPort) {
	c.n.t.Helper()
	for _, found := range c.n.connections() {
		if found.Local == c.local {
			return established(found)
		}
	}
	return nil
}

func established(c *sockdiag.Connection) (ends []netip.AddrPort) {
	for _, f := range c.Subflows {
		if f.State == mptcp.StateEstablished {
			ends = append(ends, f.Local)
		}
	}
	slices.SortFunc(ends, netip.AddrPort.Compare)
	return ends
}
