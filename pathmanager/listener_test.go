package pathmanager_test

import (
	"context"
	"errors"
	"iter"
	"net/netip"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/nl"
	"allroads/mptcp"
	"allroads/pathmanager"
	"allroads/pathmanager/pathmanagertest"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// happen makes two events: a socket listens, and no longer.
func happen(t testing.TB, in func(func() error) error) (port uint16) {
	t.Helper()
	must(t, in(func() error {
		listener, err := mptcp.Listen(context.Background(), netip.MustParseAddrPort("127.0.0.1:0"))
		if err != nil {
			return err
		}
		port = listener.AddrPort().Port()
		return listener.Close()
	}))
	return port
}

// pull makes a function of a listener's events that waits for each one, and not
// for ever.
func pull(t testing.TB, listener *pathmanager.Listener) func() pathmanager.Event {
	next, stop := iter.Pull2(listener.Events())
	t.Cleanup(stop)
	return func() pathmanager.Event {
		t.Helper()
		late := time.AfterFunc(soon, func() { listener.Close() })
		defer late.Stop()
		event, err, ok := next()
		if must(t, err); !ok {
			t.Fatal("the events have ended, or none has come")
		}
		return event
	}
}

// TestListenHasJoined makes things happen at once.
func TestListenHasJoined(t *testing.T) {
	pathmanagertest.Alone(t)
	ns := netnstest.New(t)
	for range 20 {
		listener := listenIn(t, ns)
		port := happen(t, ns.Do)
		next := pull(t, listener)
		for _, want := range []pathmanager.EventType{pathmanager.ListenerCreated, pathmanager.ListenerClosed} {
			if event := next(); event.Type != want || *event.SourcePort != port {
				t.Errorf("event %+v, want %s of port %d", event, want, port)
			}
		}
		must(t, listener.Close())
	}
}

func TestEventsGoOnAfterBreak(t *testing.T) {
	pathmanagertest.Alone(t)
	ns := netnstest.New(t)
	listener := listenIn(t, ns)
	defer listener.Close()
	var ports, heard []uint16
	for range 3 {
		ports = append(ports, happen(t, ns.Do))
	}
	for range 6 {
		for event, err := range listener.Events() {
			must(t, err)
			heard = append(heard, *event.SourcePort)
			break
		}
	}
	for i, port := range heard {
		if port != ports[i/2] {
			t.Errorf("events of ports %v, each twice: %v", ports, heard)
		}
	}
}

func TestCloseEndsEvents(t *testing.T) {
	pathmanagertest.Alone(t)
	listener := listenIn(t, netnstest.New(t))
	time.AfterFunc(20*time.Millisecond, func() { listener.Close() })
	for event, err := range listener.Events() {
		t.Errorf("event %+v, %v of a namespace in which nothing happens", event, err)
	}
	for event, err := range listener.Events() {
		t.Errorf("event %+v, %v after Close", event, err)
	}
}

func TestListenErrors(t *testing.T) {
	ns := netnstest.New(t)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if l, err := pathmanager.Listen(cancelled, pathmanager.InNetNS(ns.Fd())); !errors.Is(err, context.Canceled) || l != nil {
		t.Errorf("Listen = %v, %v, want context.Canceled", l, err)
	}
	ns.Close()
	if l, err := pathmanager.Listen(t.Context(), pathmanager.InNetNS(ns.Fd())); !errors.Is(err, unix.EBADF) || l != nil {
		t.Errorf("Listen = %v, %v in a namespace that is closed", l, err)
	}
}

// TestAllNetNS hears of its own namespace, of one that has an id in it, and not
// of one that has none.
func TestAllNetNS(t *testing.T) {
	pathmanagertest.Alone(t)
	own, other, unknown := netnstest.New(t), netnstest.New(t), netnstest.New(t)
	setID(t, own, other, 4242)
	all := listenIn(t, own, pathmanager.AllNetNS())
	defer all.Close()
	one := listenIn(t, own)
	defer one.Close()
	happen(t, unknown.Do)
	there, here := happen(t, other.Do), happen(t, own.Do)
	next := pull(t, all)
	for i, want := range []struct {
		port uint16
		nsid int32
	}{{there, 4242}, {there, 4242}, {here, -1}, {here, -1}} {
		if event := next(); *event.SourcePort != want.port || event.NetNSID != want.nsid {
			t.Errorf("event %d of port %d in %d, want %+v", i, *event.SourcePort, event.NetNSID, want)
		}
	}
	if event := pull(t, one)(); *event.SourcePort != here || event.NetNSID != -1 {
		t.Errorf("without AllNetNS: port %d in %d, want %d in -1", *event.SourcePort, event.NetNSID, here)
	}
}

// setID gives a namespace an id in another, as `ip netns set` does.
func setID(t *testing.T, in, of *netns.NS, id int32) {
	t.Helper()
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, nl.Config(in.Fd()))
	must(t, err)
	defer conn.Close()
	attributes := netlink.NewAttributeEncoder()
	attributes.Int32(unix.NETNSA_NSID, id)
	attributes.Uint32(unix.NETNSA_FD, uint32(of.Fd()))
	data, err := attributes.Encode()
	must(t, err)
	_, err = conn.Execute(netlink.Message{
		Header: netlink.Header{Type: unix.RTM_NEWNSID, Flags: netlink.Request | netlink.Acknowledge},
		Data:   append(make([]byte, 4), data...), // struct rtgenmsg, padded
	})
	must(t, err)
}

// TestReceiveBuffer looks at what the kernel gives.
func TestReceiveBuffer(t *testing.T) {
	pathmanagertest.Alone(t)
	ns := netnstest.New(t)
	small := listenIn(t, ns, pathmanager.ReceiveBuffer(4096))
	defer small.Close()
	large := listenIn(t, ns)
	defer large.Close()
	if a, b := small.ReceiveBuffer(), large.ReceiveBuffer(); a < 4096 || a > 1<<14 || b < 100_000 {
		t.Errorf("4096 bytes are %d, and as many as possible %d", a, b)
	}
}
