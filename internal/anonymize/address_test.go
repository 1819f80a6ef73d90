package anonymize

import (
	"math/rand/v2"
	"net/netip"
	"testing"
)

// shared is how many bits two addresses have in common.
func shared(a, b netip.Addr) int {
	x, y := a.AsSlice(), b.AsSlice()
	for bit := range len(x) * 8 {
		if (x[bit/8]^y[bit/8])>>(7-bit%8)&1 != 0 {
			return bit
		}
	}
	return len(x) * 8
}

// alike is a random address that shares about so many bits with another.
func alike(of netip.Addr, bits int) netip.Addr {
	b := of.AsSlice()
	for bit := bits; bit < len(b)*8; bit++ {
		if bit == bits || rand.IntN(2) == 0 {
			b[bit/8] ^= 1 << (7 - bit%8)
		}
	}
	to, _ := netip.AddrFromSlice(b)
	return to
}

// TestPrefixesArePreserved: addresses share as many bits afterwards as before, save for
// the first byte of IPv4.
func TestPrefixesArePreserved(t *testing.T) {
	starts := []string{"8.8.8.8", "10.1.2.3", "93.184.216.34", "172.16.5.4", "172.217.1.1", "192.0.2.1", "192.168.7.9", "169.254.3.4",
		"100.64.1.1", "100.128.1.1", "2001:db8::1", "2a00:1450:4001:80b::200e", "fd00:1::5", "fe80::1:2:3:4", "::ffff:9.9.9.9", "64:ff9b::9.9.9.9", "3fff::1"}
	for _, seed := range []string{"a", "b", "c"} {
		a := testRewriter(t, seed, Options{}).addresses
		for _, text := range starts {
			one := netip.MustParseAddr(text)
			for bits := range one.BitLen() {
				other := alike(one, bits)
				got := shared(a.replace(one), a.replace(other))
				if first := firstByte(one, other); bits >= first && bits < first+8 {
					if got < first {
						t.Errorf("%v and %v share %d bits, %v and %v %d", one, other, bits, a.replace(one), a.replace(other), got)
					}
					continue
				}
				if got != bits {
					t.Errorf("%v and %v share %d bits, %v and %v %d", one, other, bits, a.replace(one), a.replace(other), got)
				}
			}
		}
	}
}

// firstByte is where the first byte of an IPv4 address begins, in both of two: which
// is replaced as a whole. -8: there is none.
func firstByte(one, other netip.Addr) int {
	within := func(a netip.Addr) bool {
		return a.Is4In6() || netip.MustParsePrefix("64:ff9b::/96").Contains(a)
	}
	switch {
	case one.Is4():
		return 0
	case within(one) && within(other) && shared(one, other) >= 96:
		return 96
	}
	return -8
}

// TestClassesStay: an address is for the same afterwards as before, and only such are.
func TestClassesStay(t *testing.T) {
	class := func(a netip.Addr) [7]bool {
		a4 := a.Unmap()
		return [7]bool{a4.IsLoopback(), a4.IsPrivate(), a4.IsMulticast(), a4.IsLinkLocalUnicast(), a.IsUnspecified(), a.Is4In6(),
			netip.MustParsePrefix("100.64.0.0/10").Contains(a4) || netip.MustParsePrefix("240.0.0.0/4").Contains(a4) || netip.MustParsePrefix("2000::/3").Contains(a)}
	}
	a := testRewriter(t, "classes", Options{}).addresses
	changed := 0
	check := func(one netip.Addr) {
		to := a.replace(one)
		if class(one) != class(to) || one.BitLen() != to.BitLen() {
			t.Fatalf("%v became %v", one, to)
		}
		if one != to {
			changed++
		}
	}
	for range 3000 {
		v := rand.Uint32()
		four := [4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
		check(netip.AddrFrom4(four))
		check(netip.AddrFrom4([4]byte{169, 254, four[2], four[3]}))
		check(netip.AddrFrom4([4]byte{127, four[1], four[2], four[3]}))
		var six [16]byte
		for i := range six {
			six[i] = byte(rand.Uint32())
		}
		six[0] = []byte{0xfe, 0xff, 0xfd, 0x20, 0x2a, six[0]}[rand.IntN(6)]
		check(netip.AddrFrom16(six))
		check(netip.AddrFrom16(netip.AddrFrom4(four).As16()))
	}
	if changed < 14_000 {
		t.Errorf("%d of 15000 addresses changed", changed)
	}
	for _, text := range []string{"0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1"} {
		if one := netip.MustParseAddr(text); a.replace(one) != one {
			t.Errorf("%v became %v", one, a.replace(one))
		}
	}
}

// TestOneForOne: what is replaced stays different.
func TestOneForOne(t *testing.T) {
	r := testRewriter(t, "one for one", Options{})
	ports, vlans, kept := map[uint16]bool{}, map[uint16]bool{}, 0
	for n := range 1 << 16 {
		from := uint16(n)
		to := r.numbers.port(from)
		ports[to] = true
		if to == from {
			kept++
		}
		if (from < 1024) != (to < 1024) || (from < 32768) != (to < 32768) || (from == 0) != (to == 0) {
			t.Fatalf("port %d became %d", from, to)
		}
		if tag := r.numbers.tag(from); tag>>12 != from>>12 {
			t.Fatalf("tag %#x became %#x", from, tag)
		} else if n < 4096 {
			vlans[tag] = true
		}
	}
	if len(ports) != 1<<16 || len(vlans) != 1<<12 || kept > 20 {
		t.Errorf("%d ports, %d VLANs, %d ports kept", len(ports), len(vlans), kept)
	}
	firsts := map[byte]bool{}
	for _, to := range r.addresses.first {
		firsts[to] = true
	}
	if len(firsts) != 256 {
		t.Errorf("%d first bytes", len(firsts))
	}
}
