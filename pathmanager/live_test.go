package pathmanager_test

import (
	"context"
	"io"
	"net/netip"
	"sync"
	"testing"
	"time"

	"allroads/lab"
	"allroads/mptcp"
	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"
)

const soon = 10 * time.Second

// addresses of the two links, of the client and of the server.
var (
	client4 = [2]string{"10.9.1.2", "10.9.2.2"}
	server4 = [2]string{"10.9.1.1", "10.9.2.1"}
	client6 = [2]string{"fd09:1::2", "fd09:2::2"}
	server6 = [2]string{"fd09:1::1", "fd09:2::1"}
)

// side is one of two hosts, with what is heard there.
type side struct {
	host  *lab.Host
	pm    *pathmanager.Conn
	token pathmanager.Token
	conn  *mptcp.Conn

	listener *mptcp.Listener // of the server

	heard *heard
}

// hosts builds a client and a server with two links between them, and listens at
// both. sysctls are theirs.
func hosts(t testing.TB, sysctls map[string]string) (network *lab.Lab, client, server *side) {
	t.Helper()
	pathmanagertest.Alone(t)
	topology := &lab.Topology{Name: "live", Hosts: []lab.HostConfig{
		{Name: "client", Sysctls: sysctls}, {Name: "server", Sysctls: sysctls},
	}}
	for i, name := range []string{"one", "two"} {
		end := func(host, v4, v6 string) lab.EndConfig {
			return lab.EndConfig{Host: host, Interface: name, Addresses: []netip.Prefix{
				netip.MustParsePrefix(v4 + "/24"), netip.MustParsePrefix(v6 + "/64"),
			}}
		}
		topology.Links = append(topology.Links, lab.LinkConfig{Name: name, Ends: []lab.EndConfig{
			end("client", client4[i], client6[i]), end("server", server4[i], server6[i]),
		}})
	}
	network = lab.Start(t, lab.Value(topology))
	return network, newSide(t, network.Host("client")), newSide(t, network.Host("server"))
}

func newSide(t testing.TB, host *lab.Host) *side {
	t.Helper()
	s := &side{host: host}
	must(t, host.Run(func() (err error) {
		s.pm, err = pathmanager.Dial(context.Background())
		return err
	}))
	t.Cleanup(func() { s.pm.Close() })
	s.heard = listen(t, host)
	return s
}

// heard collects what a listener hears.
type heard struct {
	mu     sync.Mutex
	events []pathmanager.Event
	err    error
	more   chan struct{}
	ended  chan struct{}
}

func listen(t testing.TB, host *lab.Host, options ...pathmanager.Option) *heard {
	t.Helper()
	var listener *pathmanager.Listener
	must(t, host.Run(func() (err error) {
		listener, err = pathmanager.Listen(context.Background(), options...)
		return err
	}))
	h := &heard{more: make(chan struct{}, 1), ended: make(chan struct{})}
	go h.collect(listener)
	t.Cleanup(func() {
		must(t, listener.Close())
		select {
		case <-h.ended:
		case <-time.After(soon):
			t.Error("the events go on after Close")
		}
		if h.err != nil {
			t.Error(h.err)
		}
	})
	return h
}

func (h *heard) collect(listener *pathmanager.Listener) {
	defer close(h.ended)
	for event, err := range listener.Events() {
		h.mu.Lock()
		h.events, h.err = append(h.events, event), err
		h.mu.Unlock()
		select {
		case h.more <- struct{}{}:
		default:
		}
	}
}

// peek waits for the next event.
func (h *heard) peek(t testing.TB) pathmanager.Event {
	t.Helper()
	timeout := time.After(soon)
	for {
		h.mu.Lock()
		if len(h.events) > 0 {
			defer h.mu.Unlock()
			return h.events[0]
		}
		h.mu.Unlock()
		select {
		case <-h.more:
		case <-timeout:
			t.Fatalf("no event in %v", soon)
		}
	}
}

// next waits for the next event and takes it.
func (h *heard) next(t testing.TB) pathmanager.Event {
	t.Helper()
	event := h.peek(t)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = h.events[1:]
	return event
}

// take waits for an event of a type, and takes all up to it.
func (h *heard) take(t testing.TB, want pathmanager.EventType) pathmanager.Event {
	t.Helper()
	for {
		if event := h.next(t); event.Type == want {
			return event
		}
	}
}

// connect makes a connection from the client to the server's address, and waits
// until it is fully established at both.
func connect(t testing.TB, client, server *side, at netip.Addr, to netip.AddrPort) {
	t.Helper()
	must(t, server.host.Run(func() (err error) {
		server.listener, err = mptcp.Listen(t.Context(), netip.AddrPortFrom(at, to.Port()))
		return err
	}))
	t.Cleanup(func() { server.listener.Close() }) // Subflows need it, too.
	must(t, server.listener.SetDeadline(time.Now().Add(soon)))
	must(t, client.host.Run(func() (err error) {
		client.conn, err = new(mptcp.Dialer).Dial(t.Context(), to)
		return err
	}))
	t.Cleanup(func() { client.conn.Close() })
	var err error
	server.conn, err = server.listener.Accept()
	must(t, err)
	t.Cleanup(func() { server.conn.Close() })
	exchange(t, client.conn, server.conn)
	exchange(t, server.conn, client.conn)
	for _, s := range []*side{client, server} {
		info, err := s.conn.Info()
		must(t, err)
		s.token = pathmanager.Token(info.Token)
	}
}

// exchange sends some bytes and waits for them.
func exchange(t testing.TB, from, to *mptcp.Conn) {
	t.Helper()
	must(t, to.SetDeadline(time.Now().Add(soon)))
	message := make([]byte, 100)
	_, err := from.Write(message)
	must(t, err)
	_, err = io.ReadFull(to, message)
	must(t, err)
}
