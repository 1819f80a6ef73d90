package trace

import (
	"fmt"
	"slices"
)

// half is one direction of a subflow: the TCP sequence numbers its sender uses,
// relative to the initial one, so that payload begins at 1 as in a DSS mapping.
type half struct {
	isn     uint32
	started bool
	near    uint64 // a recent relative number, to widen the next one by
	acked   uint64 // all below it was acknowledged at the TCP level
	seen    spans  // payload
	maps    []mapping
	mapped  spans // bytes that mappings stand for
	missing spans // payload that no mapping has come for yet
	fin     bool
	finAt   uint64 // where the payload ends, once fin

	bytes         uint64 // data that came first on this subflow
	retransmitted uint64 // payload that TCP sent again
	reinjected    uint64 // data that another subflow, or this one, carried before
	first, last   int64  // when payload was seen, nanoseconds since 1970
	conflicts     []string
	checksums     checksumCount
}

// mapping says which part of the data stream some bytes of a subflow are
// (RFC 8684, section 3.3.1).
type mapping struct {
	ssn      uint64 // relative subflow sequence number of the first byte
	stream   uint64 // offset in the data stream of the first byte
	length   uint64 // bytes, without the number that a DATA_FIN takes
	checked  bool   // it has a checksum
	checksum uint16
	dssLen   uint16 // the length as in the option, which the checksum covers
	payload  []byte // what has come of it, while the checksum is not verified yet
}

func (m *mapping) end() uint64 { return m.ssn + m.length }

func (h *half) start(isn uint32) {
	if !h.started {
		h.isn, h.started = isn, true
	}
}

// relative widens a TCP sequence number and makes it relative.
func (h *half) relative(seq uint32) uint64 {
	return unwrap32(seq-h.isn, h.near)
}

func (h *half) acknowledge(ack uint32) {
	if h.started {
		h.acked = max(h.acked, h.relative(ack))
	}
}

// maxMappings is how many mappings are remembered when all their bytes were
// acknowledged: enough to recognise what is sent again.
const maxMappings = 256

// insert adds a mapping in order of its bytes, unless it is there already. It
// returns another one that stands for some of the same bytes, or whether the
// mapping was new.
func (h *half) insert(m mapping) (clash *mapping, fresh bool) {
	at, found := slices.BinarySearchFunc(h.maps, m.ssn, func(o mapping, ssn uint64) int {
		if o.ssn < ssn {
			return -1
		}
		if o.ssn > ssn {
			return 1
		}
		return 0
	})
	if found && h.maps[at].stream == m.stream && h.maps[at].length == m.length {
		return nil, false
	}
	if at > 0 && h.maps[at-1].overlaps(&m) {
		return &h.maps[at-1], false
	}
	if at < len(h.maps) && h.maps[at].overlaps(&m) {
		return &h.maps[at], false
	}
	h.maps = slices.Insert(h.maps, at, m)
	if len(h.maps) > maxMappings && h.maps[0].end() <= h.acked {
		h.forget()
	}
	return nil, true
}

// conflict takes note of a mapping that cannot be right.
func (h *half) conflict(format string, args ...any) {
	if len(h.conflicts) < maxDetails {
		h.conflicts = append(h.conflicts, fmt.Sprintf(format, args...))
	}
}

// unseen calls hole for payload that was sent, by the account of a FIN or of an
// acknowledgement, but not captured.
func (h *half) unseen(hole func(lo, hi uint64)) {
	end := h.acked
	if h.fin {
		end = h.finAt
	}
	if int64(end) > 1 {
		h.seen.gaps(1, end, hole)
	}
}

func (h *half) forget() {
	if h.maps[0].checked {
		h.checksums.unchecked++
	}
	h.maps = slices.Delete(h.maps, 0, 1)
}

// overlaps reports whether two mappings stand for a byte of the subflow in
// common, which is wrong even where they agree on it: a mapping is fixed once
// it is declared, so a different one for the same byte is a mistake in one.
func (m *mapping) overlaps(o *mapping) bool {
	return m.ssn < o.end() && o.ssn < m.end()
}

func (m *mapping) String() string {
	return fmt.Sprintf("the mapping of %d bytes from subflow byte %d to stream offset %s",
		m.length, m.ssn, offsetText(m.stream))
}
