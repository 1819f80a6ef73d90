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
	if m.payload == nil {
		m.payload = make([]byte, m.length)
	}
	at := lo - m.ssn
	m.have.add(at, at+uint64(len(part)), func(lo, hi uint64) {
		copy(m.payload[lo:hi], part[lo-at:])
	})
	if m.have[0] != (span{0, m.length}) {
		return
	}
	h.checksums.compare(true, m.checksum, wire.Checksum(base+m.stream, uint32(m.ssn), m.dssLength, m.payload))
	m.verified, m.payload, m.have = true, nil, nil
}

// checksumCount adds those of the remembered mappings that are still unchecked.
func (h *half) checksumCount() checksumCount {
	count := h.checksums
	for i := range h.maps {
		if m := &h.maps[i]; m.hasChecksum && !m.verified {
			count.unchecked++
		}
	}
	return count
}
