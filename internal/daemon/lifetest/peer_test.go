package lifetest_test

import (
	"testing"
	"time"
)

// TestPointToPoint: of a point-to-point link the own address is used, never the peer's.
func TestPointToPoint(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	n.ip("address flush dev blue")
	n.at(n.server, "address add 10.9.0.2 peer 10.9.0.1 dev blue")
	l := &life{n, n.start(routed), n.connect("10.1.0.1")}
	l.settles("start", "10.1.0.1")
	l.ip("address add 10.9.0.1 peer 10.9.0.2 dev blue")
	l.ip("route add default via 10.9.0.2 dev blue metric 200")
	l.settles("point-to-point address", "10.1.0.1", "10.9.0.1")
	l.ip("address delete 10.9.0.1 peer 10.9.0.2 dev blue")
	l.settles("point-to-point address removed", "10.1.0.1")
}

// TestPointToPointAtStart: so it is with IPv6, and with what was there before.
func TestPointToPointAtStart(t *testing.T) {
	t.Parallel()
	n := newDual(t, 2)
	n.ip("address flush dev blue")
	n.ip("-6 address add 2001:db8:9::1 peer 2001:db8:9::2 dev blue nodad")
	n.ip("-6 route replace default dev blue metric 200")
	n.ip("address add 10.9.0.1 peer 10.9.0.2 dev blue")
	n.ip("route add default dev blue metric 200")
	n.start(everything)
	wanted := n.endpoints("10.1.0.1", "10.9.0.1", "2001:db8:1::1", "2001:db8:9::1")
	await(t, "endpoints after the start", wanted)
	stays(t, "later", 100*time.Millisecond, wanted)
}
