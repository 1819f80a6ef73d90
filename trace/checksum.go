package trace

import "allroads/wire"

// checksumCount says what became of DSS checksums (RFC 8684, section 3.3.1).
type checksumCount struct {
	ok, bad, unchecked int
	absent             int // mappings without one
}

// compare counts a checksum, where there is one.
func (c *checksumCount) compare(there bool, got, want uint16) {
	switch {
	case !there:
		c.absent++
	case got == want:
		c.ok++
	default:
		c.bad++
	}
}

// collect adds payload to its mapping, and compares the checksum once all is
// there. base is the data sequence number of the stream's first byte.
func (h *half) collect(m *mapping, base, lo uint64, part []byte) {
	if m.verified {
		return
	}
	if m.collected == nil {
		m.collected = &payload{bytes: make([]byte, m.length)}
	}
	m.collected.add(lo-m.ssn, part)
	if !m.collected.complete() {
		return
	}
	h.checksums.compare(true, m.checksum, wire.Checksum(base+m.stream, uint32(m.ssn), m.dssLength, m.collected.bytes))
	m.verified, m.collected = true, nil
}

// payload is what has come of a mapping.
type payload struct {
	bytes []byte
	have  spans // which of them are there
}

func (p *payload) add(at uint64, part []byte) {
	p.have.add(at, at+uint64(len(part)), func(lo, hi uint64) {
		copy(p.bytes[lo:hi], part[lo-at:])
	})
}

func (p *payload) complete() bool {
	return p.have[0] == span{0, uint64(len(p.bytes))}
}

// checksumCount adds those of the remembered mappings that are still unchecked.
func (h *half) checksumCount() checksumCount {
	count := h.checksums
	for _, m := range h.maps.list() {
		if m.hasChecksum && !m.verified {
			count.unchecked++
		}
	}
	return count
}
