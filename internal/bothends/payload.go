package bothends

import "encoding/binary"

// multiplier makes a polynomial of the payload.
const multiplier = 0x9e3779b97f4a7c15

// payloadHash is the sum of all bytes, each weighed by its sequence number, so
// that the hashes of pieces add up to the hash of the whole. Bytes stand in words
// of eight by their sequence numbers. It is no use against who forges payload.
func payloadHash(first uint32, b []byte) uint64 {
	position := uint64(first)
	var sum, head uint64
	word := position / 8
	if skip := int(position % 8); skip > 0 {
		n := min(8-skip, len(b))
		for i, c := range b[:n] {
			head |= uint64(c) << (8 * (skip + i))
		}
		b = b[n:]
		head *= power(word)
		word++
	}
	// Backwards, which is Horner's rule.
	whole := len(b) &^ 7
	for i, c := range b[whole:] {
		sum |= uint64(c) << (8 * i)
	}
	for ; whole > 0; whole -= 8 {
		sum = sum*multiplier + binary.LittleEndian.Uint64(b[whole-8:])
	}
	return head + sum*power(word)
}

func power(n uint64) uint64 {
	result, square := uint64(1), uint64(multiplier)
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			result *= square
		}
		square *= square
	}
	return result
}

// chain compares the payload of both captures over a run of packets: from where
// one begins in both captures to where one ends in both.
type chain struct {
	next   int64     // behind what was compared last
	last   [2]uint64 // numbers of the packets that it was in
	differ uint64
	valid  bool
}

// add takes the bytes from..to, which are in packets of both captures, and tells
// at the end of a run whether all of it was the same.
func (c *chain) add(a, b *piece, from, to int64) (ended, same bool) {
	starts := [2]bool{from == a.start, from == b.start}
	switch {
	case starts[0] && starts[1]:
		*c = chain{valid: true}
	case from != c.next || !starts[0] && c.last[0] != a.packet.number || !starts[1] && c.last[1] != b.packet.number:
		c.valid = false
	}
	c.last = [2]uint64{a.packet.number, b.packet.number}
	for i, x := range [2]*piece{a, b} {
		if !starts[i] {
			continue
		}
		c.valid = c.valid && x.packet.hashed && uint64(x.packet.position)+uint64(x.packet.length) < 1<<32
		if i == 0 {
			c.differ += x.packet.hash
		} else {
			c.differ -= x.packet.hash
		}
	}
	c.next = to
	ended = c.valid && to == a.start+a.packet.length && to == b.start+b.packet.length
	return ended, c.differ == 0
}
