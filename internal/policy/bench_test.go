package policy_test

import (
	"net/netip"
	"testing"
	"time"

	"allroads/internal/config"
	"allroads/internal/policy"
	"allroads/pathmanager"
)

// BenchmarkDecide is all that follows from a change of the network, with 12 addresses.
func BenchmarkDecide(b *testing.B) {
	p, c, ids := laptop(), config.Default(), new(policy.IDs)
	for n := range 10 {
		p.Addresses = append(p.Addresses, address(3, netip.PrefixFrom(number(n+100), 24).String()))
	}
	for b.Loop() {
		plan := policy.Draw(policy.Assess(p, c, nil), c, ids, 8, nil)
		policy.Reconcile(plan, policy.Actual{}, nil)
	}
}

// BenchmarkReviver has 10,000 connections lose a subflow each, at once, and get it again.
func BenchmarkReviver(b *testing.B) {
	const connections = 10_000
	owned := []pathmanager.Endpoint{{Addr: number(1), ID: 1, Flags: pathmanager.Subflow}}
	for b.Loop() {
		var r policy.Reviver
		now := time.Unix(1e9, 0)
		for token := range pathmanager.Token(connections) {
			r.Lost(now, number(1), token, policy.Reset)
			r.Step(now, owned, map[netip.Addr]int{number(1): int(connections - token)})
		}
		if again := r.Step(now.Add(time.Minute), owned, nil); len(again) != 1 {
			b.Fatal(again)
		}
		for token := range pathmanager.Token(connections) {
			r.Established(now, number(1), token)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*connections), "ns/subflow")
}
