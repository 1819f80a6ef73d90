package anonymize

import (
	"encoding/binary"
	"net/netip"
)

// addresses replaces IP addresses as Crypto-PAn does (Xu, Fan, Ammar, Moon:
// Prefix-Preserving IP Address Anonymization, ICNP 2002): each bit is turned or
// not by a pseudo-random function of the bits before it. So two addresses that
// share a prefix share one of the same length afterwards, and no more.
//
// Addresses of a special meaning keep it: see special4 and special6. The bits that
// lead to a special prefix cannot turn, or others would come to have its meaning.
// To have that disclose less of IPv4 addresses, their first byte is replaced as a
// whole: prefixes are preserved from 8 bits on.
type addresses struct {
	secret   *secret
	first    [256]byte // of an IPv4 address
	special4 []prefix
	special6 []prefix
	known    map[netip.Addr]netip.Addr
}

// maxKnown bounds the addresses that are remembered, which is for speed only.
const maxKnown = 1 << 15

func newAddresses(s *secret) *addresses {
	a := &addresses{secret: s, special4: special4(), special6: special6(), known: map[netip.Addr]netip.Addr{}}
	var ordinary []byte
	for first := range 256 {
		a.first[first] = byte(first)
		if !specialFirst(byte(first)) {
			ordinary = append(ordinary, byte(first))
		}
	}
	for i, j := range s.order(uint64(forIPv4), len(ordinary)) {
		a.first[ordinary[i]] = ordinary[j]
	}
	return a
}

// replace returns what stands for an address.
func (a *addresses) replace(addr netip.Addr) netip.Addr {
	if known, ok := a.known[addr]; ok {
		return known
	}
	var to netip.Addr
	if addr.Is4() {
		to = netip.AddrFrom4(a.four(addr.As4()))
	} else {
		to = netip.AddrFrom16(a.six(addr.As16()))
	}
	if len(a.known) >= maxKnown {
		clear(a.known)
	}
	a.known[addr] = to
	return to
}

// append4 and append6 add what stands for the address at the start of from.
func (a *addresses) append4(b, from []byte) []byte {
	to := a.replace(netip.AddrFrom4([4]byte(from))).As4()
	return append(b, to[:]...)
}

func (a *addresses) append6(b, from []byte) []byte {
	to := a.replace(netip.AddrFrom16([16]byte(from))).As16()
	return append(b, to[:]...)
}

func (a *addresses) four(from [4]byte) (to [4]byte) {
	whole := binary.BigEndian.Uint32(from[:])
	flips := uint32(0)
	for bit := 8; bit < 32; bit++ {
		rest := uint32(1) << (31 - bit)
		if leads(a.special4, uint64(whole)<<32, 0, bit) {
			continue
		}
		if a.secret.number(forIPv4, uint64(whole&^(rest<<1-1)|rest), 4)>>63 != 0 {
			flips |= rest
		}
	}
	binary.BigEndian.PutUint32(to[:], whole^flips)
	to[0] = a.first[from[0]]
	return to
}

func (a *addresses) six(from [16]byte) (to [16]byte) {
	high, low := binary.BigEndian.Uint64(from[:8]), binary.BigEndian.Uint64(from[8:])
	if within4(high, low) {
		four := a.four([4]byte(from[12:]))
		copy(to[:], from[:12])
		copy(to[12:], four[:])
		return to
	}
	toHigh, toLow := high, low
	start := 0
	if from[0] == 0xff {
		start = 16 // flags and scope (RFC 4291, section 2.7)
	}
	for bit := start; bit < 128; bit++ {
		if leads(a.special6, high, low, bit) {
			continue
		}
		// The bits before it, a one, and nothing, so that it is clear how many they are.
		if bit < 64 {
			one := uint64(1) << (63 - bit)
			toHigh ^= a.secret.number(forIPv6, high&^(one<<1-1)|one, 0) >> 63 * one
		} else {
			one := uint64(1) << (127 - bit)
			toLow ^= a.secret.number(forIPv6, high, low&^(one<<1-1)|one) >> 63 * one
		}
	}
	binary.BigEndian.PutUint64(to[:8], toHigh)
	binary.BigEndian.PutUint64(to[8:], toLow)
	return to
}
