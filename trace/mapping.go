package trace

import (
	"fmt"
	"slices"
)

// mapping says which part of the data stream some bytes of a subflow are
// (RFC 8684, section 3.3.1).
type mapping struct {
	ssn    uint64 // relative subflow sequence number of the first byte
	stream uint64 // offset in the data stream of the first byte
	length uint64 // bytes, without the number that a DATA_FIN takes

	hasChecksum bool
	checksum    uint16
	dssLength   uint16 // the length as in the option, which the checksum covers
	verified    bool   // the checksum was compared
	payload     []byte // what has come of it until then
	have        spans  // which bytes of payload are there
}

func (m *mapping) end() uint64 { return m.ssn + m.length }

// at is the stream offset of a byte of the subflow.
func (m *mapping) at(ssn uint64) uint64 { return m.stream + (ssn - m.ssn) }

// same reports whether a mapping is this one, sent again. A DATA_FIN may have
// joined it since, which counts in the option's length and so in the checksum.
func (m *mapping) same(o *mapping) bool {
	return m.ssn == o.ssn && m.stream == o.stream && m.length == o.length &&
		m.hasChecksum == o.hasChecksum && (!m.hasChecksum || m.sumWithoutLength() == o.sumWithoutLength())
}

// sumWithoutLength is the ones' complement sum that the checksum stands for, but
// for the length.
func (m *mapping) sumWithoutLength() uint32 {
	const modulus = 1<<16 - 1
	return (uint32(^m.checksum) + modulus - uint32(m.dssLength)%modulus) % modulus
}

// overlaps reports whether two mappings stand for a byte of the subflow in
// common, which is wrong even where they agree on it: a mapping is fixed once
// it is declared, so a different one for the same byte is a mistake in one.
func (m *mapping) overlaps(o *mapping) bool {
	return m.ssn < o.end() && o.ssn < m.end()
}

func (m *mapping) String() string {
	return fmt.Sprintf("the mapping of %d bytes from subflow byte %s to stream offset %s",
		m.length, offsetText(m.ssn), offsetText(m.stream))
}

// How many mappings are remembered: once all their bytes were acknowledged,
// enough to recognise what is sent again; else as many as a sender can have
// under way.
const (
	maxAckedMappings = 256
	maxMappings      = 1 << 16
)

// search returns where in the order of the mappings one for a byte would be.
func (h *half) search(ssn uint64) int {
	at, _ := slices.BinarySearchFunc(h.maps, ssn, func(o mapping, ssn uint64) int {
		if o.ssn < ssn {
			return -1
		}
		return 1
	})
	return at
}

// insert adds a mapping in order of its bytes and reports whether it was new.
// One that stands for some of the same bytes as another is noted as wrong.
func (h *half) insert(m mapping) bool {
	if m.ssn < h.forgotten {
		h.late++ // It cannot be compared any more.
		return false
	}
	at := h.search(m.ssn)
	if at < len(h.maps) && h.maps[at].same(&m) {
		return false
	}
	for _, i := range []int{at - 1, at} {
		if i >= 0 && i < len(h.maps) && h.maps[i].overlaps(&m) {
			h.conflict("%s clashes with %s", &m, &h.maps[i])
			return false
		}
	}
	h.maps = slices.Insert(h.maps, at, m)
	if acked := h.maps[0].end() <= h.acked; len(h.maps) > maxMappings || acked && len(h.maps) > maxAckedMappings {
		h.forget()
	}
	return true
}

// forget drops the oldest mapping.
func (h *half) forget() {
	oldest := &h.maps[0]
	h.forgotten = oldest.end()
	if oldest.hasChecksum && !oldest.verified {
		h.checksums.unchecked++
	}
	if unsent := h.unsent(oldest); unsent > 0 {
		h.late++
	}
	h.maps = slices.Delete(h.maps, 0, 1)
}

// unsent counts the bytes of a mapping that never came.
func (h *half) unsent(m *mapping) (bytes uint64) {
	h.seen.gaps(m.ssn, m.end(), func(lo, hi uint64) { bytes += hi - lo })
	return bytes
}

// eachMapping goes through bytes of the subflow in order: it calls visit for
// each part that has one mapping, or none (nil).
func (h *half) eachMapping(lo, hi uint64, visit func(m *mapping, lo, hi uint64)) {
	i := h.search(lo + 1) // the first that begins behind lo
	if i > 0 && h.maps[i-1].end() > lo {
		i--
	}
	for ; lo < hi && i < len(h.maps); i++ {
		m := &h.maps[i]
		if m.ssn >= hi {
			break
		}
		if lo < m.ssn {
			visit(nil, lo, m.ssn)
			lo = m.ssn
		}
		visit(m, lo, min(hi, m.end()))
		lo = min(hi, m.end())
	}
	if lo < hi {
		visit(nil, lo, hi)
	}
}
