package rtnl_test

import (
	"fmt"
	"net/netip"
	"testing"
)

// BenchmarkAddVeth makes pairs across two namespaces, and others of these every
// 64 pairs.
func BenchmarkAddVeth(b *testing.B) {
	const pairs = 64
	names := make([]string, pairs)
	for i := range names {
		names[i] = fmt.Sprintf("veth%d", i)
	}
	var left, right host
	for n := 0; b.Loop(); n++ {
		if n%pairs == 0 {
			b.StopTimer()
			left, right = newHost(b), newHost(b)
			b.StartTimer()
		}
		must(b, left.AddVeth(names[n%pairs], names[n%pairs], right.Fd()))
	}
}

func BenchmarkLinkIndex(b *testing.B) {
	left, _ := pair(b)
	for b.Loop() {
		_, err := left.LinkIndex("left0")
		must(b, err)
	}
}

func BenchmarkAddAddress(b *testing.B) {
	left, _ := pair(b)
	address := netip.MustParseAddr("10.0.0.1")
	for b.Loop() {
		must(b, left.AddAddress("left0", netip.PrefixFrom(address, 32)))
		address = address.Next()
	}
}
