package trace

import "bytes"

// content remembers the latest bytes of a stream, as far as they were captured,
// to compare them with what is sent again.
type content struct {
	ring  []byte // byte n of the stream is at n modulo its length
	known spans  // which bytes are in it
}

// contentSize is how far back a stream is remembered: more than a sender
// usually has under way.
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
	if c.ring == nil {
		c.ring = make([]byte, contentSize)
	}
	c.forget(end)
	equal = true
	done := at
	c.known.add(at, at+uint64(len(b)), func(lo, hi uint64) {
		equal = equal && c.equal(done, b[done-at:lo-at])
		c.write(lo, b[lo-at:hi-at])
		done = hi
	})
	return equal && c.equal(done, b[done-at:])
}

// forget drops what the ring has no room for when the stream reaches end.
func (c *content) forget(end uint64) {
	if end < contentSize {
		return
	}
	oldest, first := end-contentSize, 0
	for first < len(c.known) && c.known[first].hi <= oldest {
		first++
	}
	c.known = append(c.known[:0], c.known[first:]...)
	if len(c.known) > 0 {
		c.known[0].lo = max(c.known[0].lo, oldest)
	}
}

// parts calls visit with the one or two pieces of the ring that hold n bytes
// from a position.
func (c *content) parts(at uint64, n int, visit func(piece []byte, from int)) {
	begin := int(at % contentSize)
	first := min(n, contentSize-begin)
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
