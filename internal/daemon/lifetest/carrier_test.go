package lifetest_test

import (
	"bufio"
	"strings"
	"testing"
	"time"
)

// carrier takes a link's carrier away at the client, or gives it back, and waits until the
// kernel tells of it, for which it takes up to a second (net/core/link_watch.c).
func (n *network) carrier(link string, on bool) {
	n.t.Helper()
	state := map[bool]string{false: "down", true: "up"}[on]
	monitor := n.client.Command("ip", "-oneline", "monitor", "link")
	out, err := monitor.StdoutPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	if err := monitor.Start(); err != nil {
		n.t.Fatal(err)
	}
	defer func() { monitor.Process.Kill(); monitor.Wait() }()
	time.Sleep(50 * time.Millisecond) // It listens then.
	begun := time.Now()
	n.at(n.server, "link set "+link+" "+state)
	stop := time.AfterFunc(patience, func() { monitor.Process.Kill() })
	defer stop.Stop()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if line := lines.Text(); strings.Contains(line, " "+link+"@") && strings.Contains(line, "NO-CARRIER") != on {
			n.t.Logf("the kernel tells that %s is %s after %v", link, state, time.Since(begun).Round(time.Millisecond))
			return
		}
	}
	n.t.Fatalf("the kernel does not tell that %s is %s", link, state)
}

// TestCarrierFlap: what has no carrier is not used, and is again when the carrier is back;
// of an address that went away meanwhile nothing stays.
func TestCarrierFlap(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	for range 3 {
		l.carrier("blue", false)
		l.settles("carrier lost", "10.1.0.1")
		l.carrier("blue", true)
		l.settles("carrier back", "10.1.0.1", "10.2.0.1")
	}
	l.carrier("blue", false)
	l.ip("address delete 10.2.0.1/24 dev blue")
	l.settles("carrier lost, address removed", "10.1.0.1")
	l.carrier("blue", true)
	l.settles("carrier back without the address", "10.1.0.1")
	l.ip("address add 10.2.0.1/24 dev blue")
	l.ip("route add default via 10.2.0.2 dev blue metric 200") // The kernel took it with the address.
	l.settles("address back", "10.1.0.1", "10.2.0.1")
	l.ip("address delete 10.2.0.1/24 dev blue")
	l.settles("address removed", "10.1.0.1")
}

// TestLongFlap: how long the carrier was away does not matter. While it is, the kernel may ask
// for the router in vain, and a subflow that is begun at the end of that is lost at once.
func TestLongFlap(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it takes a while")
	}
	l := newLife(t, routed)
	for _, away := range []time.Duration{1900 * time.Millisecond, 2300 * time.Millisecond, 2700 * time.Millisecond} {
		l.carrier("blue", false)
		l.settles("carrier lost", "10.1.0.1")
		time.Sleep(away)
		l.carrier("blue", true)
		t.Logf("measured: carrier back after %v, back-off included: %v", away, wait(t, "carrier back after "+away.String(), l.settled("10.1.0.1", "10.2.0.1")))
	}
}

// TestFastFlap: many flaps at once come to the same end as one.
func TestFastFlap(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	for range 20 {
		l.at(l.server, "link set blue down")
		l.at(l.server, "link set blue up")
	}
	l.calms("20 flaps", "10.1.0.1", "10.2.0.1")
	for range 20 {
		l.ip("address delete 10.2.0.1/24 dev blue")
		l.ip("address add 10.2.0.1/24 dev blue")
		l.ip("route add default via 10.2.0.2 dev blue metric 200")
	}
	l.calms("20 removals", "10.1.0.1", "10.2.0.1")
}

// TestInterfaceDown: an administrator takes an interface down, with which the kernel takes
// away its routes; those of allroadsd come again with the default route.
func TestInterfaceDown(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	l.ip("link set blue down")
	l.settles("interface down", "10.1.0.1")
	l.ip("link set blue up")
	await(t, "status", l.d.says("10.2.0.1", "waiting", "default route"))
	l.settles("interface up without a route", "10.1.0.1")
	l.ip("route add default via 10.2.0.2 dev blue metric 200")
	l.settles("default route back", "10.1.0.1", "10.2.0.1")
}

// TestInitialPath: the address that the connection began with is one like others.
func TestInitialPath(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	l.carrier("red", false)
	l.settles("carrier of the initial path lost", "10.2.0.1")
	l.carrier("red", true)
	l.settles("carrier of the initial path back", "10.1.0.1", "10.2.0.1")
	l.c.echo(t)
}

// TestInterfaceGone: with an interface, all that was its goes; another with its name is a
// new one.
func TestInterfaceGone(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	l.ip("link add extra type veth peer name far")
	l.ip("link set far up")
	l.ip("link set extra up")
	l.ip("address add 10.9.0.1/24 dev extra")
	l.ip("route add default via 10.9.0.2 dev extra metric 900")
	wanted := all(l.endpoints("10.1.0.1", "10.2.0.1", "10.9.0.1"), l.rules("10.1.0.1", "10.2.0.1", "10.9.0.1"))
	await(t, "interface made", wanted)
	l.ip("link delete extra")
	l.settles("interface deleted", "10.1.0.1", "10.2.0.1")
}

// TestRenamed: what the configuration says of a name holds for what has it now.
func TestRenamed(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	l := &life{n, n.start(links + "routing: true\n"), n.connect("10.1.0.1")}
	l.settles("start", "10.1.0.1", "10.2.0.1")
	l.ip("link set blue name other")
	l.settles("renamed to what is left alone", "10.1.0.1")
	l.ip("link set other name green")
	l.settles("renamed to what is used", "10.1.0.1", "10.2.0.1")
}

// TestBeforeCarrier: an address that is there before the carrier, and before allroadsd, is
// used when the carrier comes.
func TestBeforeCarrier(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	n.at(n.server, "link set blue down")
	n.ip("address flush dev blue")
	n.ip("address add 10.2.0.7/24 dev blue")
	n.ip("route add default via 10.2.0.2 dev blue metric 200")
	l := &life{n, n.start(routed), n.connect("10.1.0.1")}
	l.settles("start without a carrier", "10.1.0.1")
	await(t, "status", l.d.says("10.2.0.7", "waiting", "carrier"))
	l.carrier("blue", true)
	l.settles("carrier", "10.1.0.1", "10.2.0.7")
}
