package rtnl_test

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"
)

// BenchmarkNext makes a route and takes it away again. An operation is from before the
// request to after the Next that has waited for it.
func BenchmarkNext(b *testing.B) {
	h, one, _ := crossroads(b)
	o := observe(b, h.NS)
	heard := make(chan time.Time)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	for changed := true; changed; {
		changed, _ = next(b, o, 2*time.Second)
	}
	go func() {
		for {
			if _, err := o.Next(ctx); err != nil {
				return
			}
			heard <- time.Now()
		}
	}()
	route := rtnl.Route{Via: netip.MustParseAddr("10.0.1.2"), Link: one, Protocol: rtnl.Protocol}
	var took []time.Duration
	for there := false; b.Loop(); there = !there {
		begin := time.Now()
		if there {
			must(b, h.DeleteRoute(route))
		} else {
			must(b, h.AddRoute(route))
		}
		took = append(took, (<-heard).Sub(begin))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(took[len(took)*95/100].Nanoseconds()), "p95-ns")
}

// BenchmarkObserve is beside ip(8), which lists the routes alone, and of one family.
func BenchmarkObserve(b *testing.B) {
	h, _, _ := crossroads(b)
	manyRoutes(b, h, 10000, "via 10.0.2.2")
	var ours, theirs time.Duration
	for b.Loop() {
		begin := time.Now()
		o, err := rtnl.Observe(h.Fd())
		ours += time.Since(begin)
		must(b, err)
		o.Close()
		begin = time.Now()
		netnstest.Output(b, h.NS, "ip route show table all")
		theirs += time.Since(begin)
	}
	b.ReportMetric(float64(ours.Nanoseconds())/float64(b.N), "observe-ns")
	b.ReportMetric(float64(ours)/float64(theirs), "of-ip")
}
