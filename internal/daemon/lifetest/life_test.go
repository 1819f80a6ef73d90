package lifetest_test

import (
	"testing"
	"time"
)

// life is a network in which allroadsd manages endpoints and routing, with a connection
// from red that has a subflow from each address that is to be used.
type life struct {
	*network
	d *daemon
	c *connection
}

const routed = everything + "routing: true\n"

// newLife is one of IPv4, with red and blue.
func newLife(t *testing.T, config string) *life {
	t.Helper()
	n := newNetwork(t, 2)
	l := &life{n, n.start(config), n.connect("10.1.0.1")}
	l.settles("start", "10.1.0.1", "10.2.0.1")
	return l
}

// settled checks that exactly these addresses have an endpoint, a rule and a subflow of
// the connection.
func (l *life) settled(addresses ...string) func() error {
	return all(l.endpoints(addresses...), l.c.from(addresses...), l.rules(addresses...))
}

// calms waits until all that happened before is done with, and then as settles: what is to
// be in the end may have been so in between.
func (l *life) calms(after string, addresses ...string) {
	l.t.Helper()
	last := "10.1.0.99"
	l.ip("address add " + last + "/24 dev red")
	await(l.t, after, l.settled(append([]string{last}, addresses...)...))
	l.ip("address delete " + last + "/24 dev red")
	l.settles("the same, without another address", addresses...)
}

// settles waits until it is so, and holds that it stays so for a moment.
func (l *life) settles(after string, addresses ...string) {
	l.t.Helper()
	await(l.t, after, l.settled(addresses...))
	stays(l.t, "later, after "+after, 60*time.Millisecond, l.settled(addresses...))
	l.c.echo(l.t)
}
