package rtnl_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/rtnl"
)

func observe(t testing.TB, ns *netns.NS) *rtnl.Observer {
	t.Helper()
	o, err := rtnl.Observe(ns.Fd())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

// next waits for a change, but not for ever.
func next(t testing.TB, o *rtnl.Observer, patience time.Duration) (changed, lost bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	lost, err := o.Next(ctx)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	return err == nil, lost
}

func TestObserveAsIPPrints(t *testing.T) {
	t.Parallel()
	left, right := pair(t)
	o := observe(t, left.NS)
	agree(t, left.NS, o)
	ip(t, left.NS, "link set lo up", "link set left0 up", "addr add 10.0.1.1/24 dev left0", "addr add fd00:1::1/64 dev left0")
	ip(t, right.NS, "link set right0 up")
	agree(t, left.NS, o)
	ip(t, left.NS, "route add default via 10.0.1.2", "-6 route add default via fd00:1::2", "route add default via 10.0.1.3 dev left0 metric 7 table 100",
		"route add 192.0.2.0/24 via 10.0.1.2 proto 77", "rule add from 10.0.1.1 lookup 100 prio 50", "-6 rule add from fd00:1::1 lookup 1000 protocol 77")
	agree(t, left.NS, o)
	ip(t, left.NS, "link set left0 down")
	agree(t, left.NS, o)
}
