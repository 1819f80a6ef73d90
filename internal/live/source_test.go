package live

import (
	"context"
	"errors"
	"iter"
	"net/netip"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
	"allroads/sockdiag"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// scripted is a source that a test writes.
type scripted struct {
	connections []*sockdiag.Connection
	err         error // after them
	filter      sockdiag.Filter
	closed      bool
}

func (s *scripted) Connections(_ context.Context, filter sockdiag.Filter) iter.Seq2[*sockdiag.Connection, error] {
	s.filter = filter
	return func(yield func(*sockdiag.Connection, error) bool) {
		var room sockdiag.Connection // What it yields is valid until the next is.
		for _, c := range s.connections {
			room = *c.Clone()
			if !yield(&room, nil) {
				return
			}
			room = sockdiag.Connection{}
		}
		if s.err != nil {
			yield(nil, s.err)
		}
	}
}

func (s *scripted) Close() error {
	s.closed = true
	return nil
}

// watcherOf is a Watcher of sources instead of namespaces.
func watcherOf(t *testing.T, options Options, sources ...*scripted) *Watcher {
	t.Helper()
	w := &Watcher{options: options}
	for i, source := range sources {
		interfaces, err := openInterfaces(0)
		if err != nil {
			t.Fatal(err)
		}
		w.add(&watched{Space: Space{Name: []string{"", "red", "blue"}[i]}, source: source, interfaces: interfaces})
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func at(text string) netip.AddrPort { return netip.MustParseAddrPort(text) }

// made is a connection with one subflow for each count of bytes that arrived.
func made(cookie uint64, arrived ...counts) *sockdiag.Connection {
	c := &sockdiag.Connection{
		State: mptcp.StateEstablished, Local: at("192.0.2.1:1000"), Remote: at("192.0.2.2:80"), Cookie: cookie,
		Info: mptcp.Info{Token: uint32(cookie), Traffic: &mptcp.Traffic{}},
	}
	for i, n := range arrived {
		f := sockdiag.Subflow{
			State: mptcp.StateEstablished, Remote: c.Remote,
			Local: netip.AddrPortFrom(c.Local.Addr(), uint16(1000+i)),
			TCP:   sockdiag.TCPInfo{BytesSent: n.sent, BytesAcked: n.sent, BytesReceived: n.received},
		}
		if i > 0 {
			f.Flags = sockdiag.JoinLocal
		}
		c.Subflows = append(c.Subflows, f)
		c.Info.Traffic.BytesAcked += n.sent
		c.Info.Traffic.BytesReceived += n.received
	}
	return c
}

// looks takes one Look at each state of a source, as if a second passed between.
func looks(t *testing.T, states ...[]*sockdiag.Connection) (seen []*Snapshot) {
	t.Helper()
	source := &scripted{}
	w := watcherOf(t, Options{}, source)
	for _, state := range states {
		source.connections = state
		if !w.last.IsZero() {
			w.last = w.last.Add(-time.Second)
			w.spaces[0].before.at = time.Now().Add(-time.Second)
		}
		s, err := w.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, s)
	}
	return seen
}

var errScripted = errors.New("as the script says")

var idle mptcp.Idle

// endless yields one connection, under another name each time.
type endless struct {
	count int
	c     *sockdiag.Connection
}

func (e *endless) Connections(context.Context, sockdiag.Filter) iter.Seq2[*sockdiag.Connection, error] {
	return func(yield func(*sockdiag.Connection, error) bool) {
		for i := range e.count {
			e.c.Cookie = uint64(i)
			e.c.Local = netip.AddrPortFrom(e.c.Local.Addr(), uint16(i*7919))
			if !yield(e.c, nil) {
				return
			}
		}
	}
}

func (e *endless) Close() error { return nil }
