package bothends

import (
	"encoding/binary"
	"math/bits"
)

// The payload is the coefficients of a polynomial over the integers modulo a prime,
// 2^61-1, whose value somewhere tells it from others.
const (
	prime      = 1<<61 - 1
	multiplier = 0x1e3779b97f4a7c15 & prime
)

// payloadHash is the sum of all bytes, each weighed by its sequence number, so that
// the hashes of pieces add up to the hash of the whole. Bytes stand in words of eight
// by their sequence numbers. It is no use against who forges payload.
func payloadHash(first uint32, b []byte) uint64 {
	word, skip := uint64(first)/8, int(first%8)
	var head uint64
	if skip > 0 {
		n := min(8-skip, len(b))
		head = times(reduce(littleEndian(b[:n])<<(8*skip)), power(word))
		b = b[n:]
		word++
	}
	return plus(head, times(horner(b), power(word)))
}

// horner is the value of the polynomial, from its highest coefficient on, in four
// sums that do not wait for each other.
func horner(b []byte) uint64 {
	whole := len(b) &^ 7
	sum := reduce(littleEndian(b[whole:]))
	for ; whole&31 != 0; whole -= 8 {
		sum = plus(times(sum, multiplier), reduce(binary.LittleEndian.Uint64(b[whole-8:])))
	}
	var s1, s2, s3 uint64
	for ; whole > 0; whole -= 32 {
		four := b[whole-32 : whole]
		sum = plus(times(sum, fourth), reduce(binary.LittleEndian.Uint64(four)))
		s1 = plus(times(s1, fourth), reduce(binary.LittleEndian.Uint64(four[8:])))
		s2 = plus(times(s2, fourth), reduce(binary.LittleEndian.Uint64(four[16:])))
		s3 = plus(times(s3, fourth), reduce(binary.LittleEndian.Uint64(four[24:])))
	}
	return plus(sum, times(multiplier, plus(s1, times(multiplier, plus(s2, times(multiplier, s3))))))
}

// fourth is the multiplier's fourth power.
var fourth = power(4)

// littleEndian reads up to seven bytes.
func littleEndian(b []byte) (x uint64) {
	for i, c := range b {
		x |= uint64(c) << (8 * i)
	}
	return x
}

// reduce is a number modulo the prime.
func reduce(x uint64) uint64 {
	x = x&prime + x>>61
	if x >= prime {
		x -= prime
	}
	return x
}

func plus(a, b uint64) uint64 { return reduce(a + b) }

func minus(a, b uint64) uint64 { return reduce(a + prime - b) }

func times(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return plus(low&prime, high<<3|low>>61)
}

func power(n uint64) uint64 {
	result, square := uint64(1), uint64(multiplier)
	for ; n > 0; n >>= 1 {
		if n&1 != 0 {
			result = times(result, square)
		}
		square = times(square, square)
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
			c.differ = plus(c.differ, x.packet.hash)
		} else {
			c.differ = minus(c.differ, x.packet.hash)
		}
	}
	c.next = to
	ended = c.valid && to == a.start+a.packet.length && to == b.start+b.packet.length
	return ended, c.differ == 0
}
