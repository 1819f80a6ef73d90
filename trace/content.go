package trace

import (
	"bytes"
	"math/bits"
)

// content remembers the latest bytes of a stream, as far as they were captured,
// to compare them with what is sent again.
type content struct {
	ring  []byte // byte n of the stream is at n modulo its length
	known spans  // which bytes are in it
}

// contentSize is how far back a stream is remembered: more than a sender
// usually has under way. A stream that is shorter takes less room.
const contentSize = 1 << 20

// hold compares bytes at a position of the stream with those that are known
// there, keeps the others, and reports whether all known ones are equal.
func (c *content) hold(at uint64, b []byte) (equal bool) {
	if len(b) > contentSize {
		b = b[:contentSize]
	}
	end := max(c.known.end(), at+uint64(len(b)))
	if end > contentSize && at < end-contentSize {
		return true // too old to tell
	}
	c.forget(end, len(c.known)/2+1)
	c.grow(at, end)
	equal = true
	done := at
	c.known.add(at, at+uint64(len(b)), func(lo, hi uint64) {
		equal = equal && c.equal(done, b[done-at:lo-at])
		c.write(lo, b[lo-at:hi-at])
		done = hi
	})
	return equal && c.equal(done, b[done-at:])
}

// grow makes room for what is known and for what is between at and end.
func (c *content) grow(at, end uint64) {
	if len(c.known) > 0 {
		at = min(at, c.known[0].lo)
	}
	if end > contentSize {
		at = max(at, end-contentSize)
	}
	size := 1 << bits.Len64(max(end-at, 1)-1)
	if size <= len(c.ring) {
		return
	}
	c.forget(end, 0)
	old := content{ring: c.ring, known: c.known}
	c.ring = make([]byte, size)
	for _, r := range old.known {
		from := r.lo
		old.parts(r.lo, int(r.hi-r.lo), func(piece []byte, _ int) {
			c.write(from, piece)
			from += uint64(len(piece))
		})
	}
}

// forget drops what the ring has no room for when the stream reaches end, once that
// are so many ranges. Nothing asks for them any more, but their place is used again.
func (c *content) forget(end uint64, atLeast int) {
	if end < contentSize {
		return
	}
	oldest := end - contentSize
	first := c.known.search(oldest + 1)
	if first < atLeast {
		return
	}
	c.known = append(c.known[:0], c.known[first:]...)
	if len(c.known) > 0 {
		c.known[0].lo = max(c.known[0].lo, oldest)
	}
}

// parts calls visit with the one or two pieces of the ring that hold n bytes
// from a position.
func (c *content) parts(at uint64, n int, visit func(piece []byte, from int)) {
	begin := int(at % uint64(len(c.ring)))
	first := min(n, len(c.ring)-begin)
	visit(c.ring[begin:begin+first], 0)
	visit(c.ring[:n-first], first)
}

func (c *content) write(at uint64, b []byte) {
	c.parts(at, len(b), func(piece []byte, from int) { copy(piece, b[from:]) })
}

func (c *content) equal(at uint64, b []byte) bool {
	equal := true
	c.parts(at, len(b), func(piece []byte, from int) {
		equal = equal && bytes.Equal(piece, b[from:from+len(piece)])
	})
	return equal
}
