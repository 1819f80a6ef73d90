package anonymize

import (
	"encoding/binary"
	"net/netip"
)

// prefix is one whose bits stay, left-aligned.
type prefix struct {
	high, low uint64
	bits      int
}

// special4 are the prefixes that addresses keep: "this host", private networks
// (RFC 1918), shared ones (RFC 6598), loopback, link-local, multicast, broadcast.
// 0.0.0.0, 127.0.0.1 and 255.255.255.255 stay as they are.
func special4() []prefix {
	return prefixes("0.0.0.0/32", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.1/32", "169.254.0.0/16",
		"172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4", "255.255.255.255/32")
}

// special6 are those of IPv6: global unicast, unique local, link-local (the 64 bits
// that all of them have), multicast, and what has IPv4 addresses in it: see within4.
func special6() []prefix {
	return prefixes("::/128", "::1/128", "::ffff:0:0/96", "64:ff9b::/96", "2000::/3",
		"fc00::/8", "fd00::/8", "fe80::/64", "ff00::/8")
}

func prefixes(texts ...string) (all []prefix) {
	for _, text := range texts {
		p := netip.MustParsePrefix(text)
		b := p.Addr().As16()
		if p.Addr().Is4() {
			b4 := p.Addr().As4()
			b = [16]byte{}
			copy(b[:], b4[:])
		}
		all = append(all, prefix{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:]), p.Bits()})
	}
	return all
}

// leads reports whether the bits before one are the beginning of a special prefix
// that the bit belongs to.
func leads(special []prefix, high, low uint64, bit int) bool {
	maskHigh, maskLow := ^uint64(0)<<(64-min(bit, 64)), ^uint64(0)<<(128-max(bit, 64))
	for i := range special {
		p := &special[i]
		if bit < p.bits && (high^p.high)&maskHigh == 0 && (low^p.low)&maskLow == 0 {
			return true
		}
	}
	return false
}

// specialFirst reports whether a first byte belongs to special prefixes, or to
// nobody, and stays.
func specialFirst(first byte) bool {
	switch first {
	case 0, 10, 100, 127, 169, 172, 192:
		return true
	}
	return first >= 224
}

// within4 reports whether the last 32 bits of an IPv6 address are an IPv4 address:
// mapped (::ffff:0:0/96), of a translator (RFC 6052), or compatible, which is
// deprecated, but neither unspecified nor loopback.
func within4(high, low uint64) bool {
	const translated = 0x0064ff9b << 32
	switch {
	case high == 0 && low>>32 == 0:
		return low > 0xffff
	case high == 0:
		return low>>32 == 0xffff
	}
	return high == translated && low>>32 == 0
}
