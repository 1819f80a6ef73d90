package trace

import "allroads/wire"

// checksumCount says what became of DSS checksums (RFC 8684, section 3.3.1).
type checksumCount struct {
	ok, bad, unchecked int
	absent             int // mappings without one
}

// verify adds a segment's payload to the mappings it belongs to, and checks the
// checksum of those that are complete with it. base is the stream's. Payload
// that was not captured in whole, or comes out of order, leaves its mapping
// unchecked.
func (h *half) verify(base, lo uint64, payload []byte) {
	for len(payload) > 0 {
		m, next := h.find(lo)
		part := payload[:min(uint64(len(payload)), next-lo)]
		if m != nil && m.checked && lo-m.ssn == uint64(len(m.payload)) {
			m.payload = append(m.payload, part...)
			h.compare(m, base)
		}
		payload, lo = payload[len(part):], lo+uint64(len(part))
	}
}

func (h *half) compare(m *mapping, base uint64) {
	if uint64(len(m.payload)) < m.length {
		return
	}
	if wire.Checksum(base+m.stream, uint32(m.ssn), m.dssLen, m.payload) == m.checksum {
		h.checksums.ok++
	} else {
		h.checksums.bad++
	}
	m.checked, m.payload = false, nil
}

// count adds those of the remembered mappings that are still unchecked.
func (h *half) checksumCount() checksumCount {
	count := h.checksums
	for i := range h.maps {
		if h.maps[i].checked {
			count.unchecked++
		}
	}
	return count
}
