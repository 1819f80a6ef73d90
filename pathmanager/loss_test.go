package pathmanager_test

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"

	"github.com/google/go-cmp/cmp"
)

// TestLoss makes more events than there is room for while nobody reads. What is
// read must be all that was kept, the loss in its place and with its number, and
// then all that follows. A program that keeps the set of live connections and does
// what Listener says has the right one in the end.
func TestLoss(t *testing.T) {
	pathmanagertest.Alone(t)
	ns, conns := netnstest.New(t), &connections{t: t, live: map[pathmanager.Token][2]*mptcp.Conn{}}
	netnstest.Output(t, ns, "ip link set lo up")
	listener := listenIn(t, ns, pathmanager.ReceiveBuffer(16<<10))
	defer listener.Close()
	conns.listen(ns.Do)
	n := 10_000
	if testing.Short() {
		n = 150
	}
	for range n {
		must(t, conns.churn(ns.Do))
	}
	seen := follow(t, listener, conns, func() { must(t, conns.churn(ns.Do), conns.churn(ns.Do)) })
	if diff := cmp.Diff(conns.tokens(), slices.Sorted(maps.Keys(seen.live))); diff != "" {
		t.Errorf("live connections (-there +followed):\n%s", diff)
	}
	if seen.losses == 0 || seen.lost < 300 || seen.before == 0 || seen.after < 8 {
		t.Errorf("%+v, want events before and after a loss of hundreds", seen)
	}
	// Both ends of a connection are created and established, and closed if it does
	// not stay; the last of these may come later than the end of the listening socket.
	total := uint64(4*conns.made + 2*(conns.made-conns.made/4) + 2)
	if heard := seen.lost + uint64(seen.before+seen.after); heard > total || heard < total-8 {
		t.Errorf("%d events, read or lost, of %d: %+v", heard, total, seen)
	}
}

func listenIn(t testing.TB, ns *netns.NS, options ...pathmanager.Option) *pathmanager.Listener {
	t.Helper()
	listener, err := pathmanager.Listen(context.Background(), append(options, pathmanager.InNetNS(ns.Fd()))...)
	must(t, err)
	return listener
}

// followed is what a program that reads events knows in the end.
type followed struct {
	live          map[pathmanager.Token]bool
	losses        int
	lost          uint64
	before, after int // events read before the first loss and after it
}

// follow keeps the set of live connections. When it has read a loss it asks what
// is live, and has more happen then. It ends when the listening socket does.
func follow(t *testing.T, listener *pathmanager.Listener, conns *connections, more func()) followed {
	t.Helper()
	f := followed{live: map[pathmanager.Token]bool{}}
	deadline := time.AfterFunc(soon, func() { listener.Close() })
	defer deadline.Stop()
	for event, err := range listener.Events() {
		must(t, err)
		f.count(event)
		switch event.Type {
		case pathmanager.Created:
			f.live[event.Token] = true
		case pathmanager.Closed:
			delete(f.live, event.Token)
		case pathmanager.Loss:
			clear(f.live)
			for _, token := range conns.tokens() { // In place of a dump of the kernel's sockets.
				f.live[token] = true
			}
			more()
			must(t, conns.listener.Close())
		case pathmanager.ListenerClosed:
			return f
		}
	}
	t.Fatalf("the events have ended without that of the listening socket: %+v", f)
	return f
}

func (f *followed) count(event pathmanager.Event) {
	switch {
	case event.Type == pathmanager.Loss:
		f.losses++
		f.lost += event.Lost
	case f.losses == 0:
		f.before++
	default:
		f.after++
	}
}

// connections are connections of a namespace with itself. One of four stays.
type connections struct {
	t        *testing.T
	listener *mptcp.Listener
	made     int
	live     map[pathmanager.Token][2]*mptcp.Conn
}

func (c *connections) listen(in func(func() error) error) {
	must(c.t, in(func() (err error) {
		c.listener, err = mptcp.Listen(c.t.Context(), netip.MustParseAddrPort("127.0.0.1:0"))
		return err
	}))
	c.t.Cleanup(func() {
		c.listener.Close()
		for _, pair := range c.live {
			pair[0].Close()
			pair[1].Close()
		}
	})
}

// churn makes a connection, and closes it when it is none of those that stay.
func (c *connections) churn(in func(func() error) error) error {
	c.t.Helper()
	var pair [2]*mptcp.Conn
	must(c.t, in(func() (err error) {
		pair[0], err = new(mptcp.Dialer).Dial(c.t.Context(), c.listener.AddrPort())
		return err
	}))
	var err error
	pair[1], err = c.listener.Accept()
	must(c.t, err)
	exchange(c.t, pair[0], pair[1])
	exchange(c.t, pair[1], pair[0])
	if c.made++; c.made%4 == 0 {
		for i, conn := range pair {
			info, err := conn.Info()
			must(c.t, err)
			c.live[pathmanager.Token(info.Token)] = [2]*mptcp.Conn{pair[i], pair[1-i]}
		}
		return nil
	}
	return errors.Join(pair[0].Close(), pair[1].Close())
}

func (c *connections) tokens() []pathmanager.Token { return slices.Sorted(maps.Keys(c.live)) }
