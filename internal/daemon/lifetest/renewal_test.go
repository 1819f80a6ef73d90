package lifetest_test

import "testing"

// TestRenewal: DHCP gives another address, of another network; the old one goes before or
// after.
func TestRenewal(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	l.at(l.server, "address add 10.22.0.2/24 dev blue")
	l.ip("address add 10.22.0.5/24 dev blue")
	l.ip("route replace default via 10.22.0.2 dev blue metric 200")
	l.ip("address delete 10.2.0.1/24 dev blue")
	l.settles("another address, then the old one removed", "10.1.0.1", "10.22.0.5")
	l.ip("address delete 10.22.0.5/24 dev blue")
	l.settles("the old address removed", "10.1.0.1")
	l.ip("address add 10.2.0.6/24 dev blue")
	l.ip("route replace default via 10.2.0.2 dev blue metric 200")
	l.settles("then another address", "10.1.0.1", "10.2.0.6")
	before := l.id("10.2.0.6")
	l.ip("address change 10.2.0.6/24 dev blue valid_lft 600 preferred_lft 600")
	l.settles("the same address for longer", "10.1.0.1", "10.2.0.6")
	if id := l.id("10.2.0.6"); id != before {
		t.Errorf("a renewal of the same address made its endpoint %s, which was %s", id, before)
	}
}

// TestPromotion: when an address goes, the next of its network takes its place where the
// kernel is told so, and goes with it elsewhere.
func TestPromotion(t *testing.T) {
	t.Parallel()
	l := newLife(t, routed)
	l.sysctl("net.ipv4.conf.blue.promote_secondaries", "1")
	l.ip("address add 10.2.0.7/24 dev blue")
	l.settles("second address", "10.1.0.1", "10.2.0.1", "10.2.0.7")
	port := l.port("10.2.0.7")
	l.ip("address delete 10.2.0.1/24 dev blue")
	l.settles("first address removed, second promoted", "10.1.0.1", "10.2.0.7")
	if now := l.port("10.2.0.7"); now != port {
		t.Errorf("the subflow from the promoted address was made anew: port %d, before %d", now, port)
	}
	l.sysctl("net.ipv4.conf.blue.promote_secondaries", "0")
	l.ip("address add 10.2.0.1/24 dev blue")
	l.settles("third address", "10.1.0.1", "10.2.0.1", "10.2.0.7")
	l.ip("address delete 10.2.0.7/24 dev blue")
	l.settles("all addresses of the network removed with the first", "10.1.0.1")
}

// port is that of the connection's subflow from an address.
func (l *life) port(address string) uint16 {
	l.t.Helper()
	for _, end := range l.c.subflows() {
		if end.Addr().String() == address {
			return end.Port()
		}
	}
	l.t.Fatalf("no subflow from %s", address)
	return 0
}
