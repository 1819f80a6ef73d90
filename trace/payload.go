package trace

import (
	"slices"

	"allroads/wire"
)

// Receiver gets the payload of connections with its place in their streams, as
// Options.Payload: for who puts streams together.
type Receiver interface {
	// Piece takes payload when its place is known: usually as its packet comes. Bytes
	// may come again, of any piece and on any subflow. The piece is valid during the call.
	Piece(*Piece)
	// Over says how far a stream has come, when its connection is over.
	Over(*Extent)
}

// Piece is a part of the stream that a side sends. Offset 0 is its first byte behind
// the handshake; what a SYN carried and the other side took (RFC 8684, appendix B) is
// below. Where the start was not captured, offsets count from an arbitrary number.
type Piece struct {
	Connection int  // number, as in Connection.ID
	Subflow    int  // and Subflow.ID, as of now
	Midway     bool // the subflow's start was not captured
	FromServer bool
	Offset     int64
	Length     int    // bytes on the wire
	Data       []byte // as many of them as were captured
}

// Extent says where a stream ends.
type Extent struct {
	Connection int
	FromServer bool
	Delivered  int64 // the other side has all below
	Ended      bool  // where it ends is known, by a DATA_FIN or the FIN of TCP
	End        int64 // there
}

// leftover is what a direction of a subflow keeps for a receiver.
type leftover struct {
	infinite mapping    // from where on the subflow is the stream, if its sender said so
	unplaced []unplaced // payload
	kept     int        // bytes of it
	early    []byte     // what the SYN carried
}

func (h *half) leave() *leftover {
	if h.left == nil {
		h.left = &leftover{}
	}
	return h.left
}

// unplaced is payload that no mapping has come for yet, kept for a receiver.
type unplaced struct {
	lo     uint64
	length int
	data   []byte
}

// maxUnplaced is how many bytes of a direction are kept.
const maxUnplaced = 4 << 20

// hand gives payload of a subflow to the receiver.
func (f *subflow) hand(d direction, lo uint64, length int, data []byte) {
	if f.conn.plain {
		f.piece(d, lo-behindSYN, length, data)
		return
	}
	half, stream := &f.halves[d], &f.conn.streams[f.sender(d)]
	half.maps.each(lo, lo+uint64(length), func(m *mapping, from, to uint64) {
		n, part := int(to-from), data[min(len(data), int(from-lo)):min(len(data), int(to-lo))]
		switch {
		case m == nil:
			f.unmappedPiece(d, from, n, part)
		case m.length == 1 && m.stream < stream.acked: // a probe, see examine
		default:
			f.piece(d, m.at(from), n, part)
		}
	})
}

func (f *subflow) piece(d direction, at uint64, length int, data []byte) {
	f.conn.payload.Piece(&Piece{
		Connection: f.conn.id, Subflow: f.id, Midway: f.halves[d].origin >= midwayBase,
		FromServer: f.sender(d) == server,
		Offset:     int64(at), Length: length, Data: data,
	})
}

// unmappedPiece takes payload without a mapping: after a fallback it goes on where
// the last mapping ends, before one the mapping may still come.
func (f *subflow) unmappedPiece(d direction, lo uint64, length int, data []byte) {
	half := &f.halves[d]
	if lo < half.maps.forgotten {
		return // It was acknowledged long ago.
	}
	if at, known := f.beyond(half, lo); known {
		f.piece(d, at, length, data)
		return
	}
	left := half.leave()
	if left.kept += length; left.kept <= maxUnplaced {
		left.unplaced = append(left.unplaced, unplaced{lo, length, slices.Clone(data)})
	}
}

// beyond is the place of a byte that no mapping stands for, in a connection that fell
// back.
func (f *subflow) beyond(h *half, ssn uint64) (at uint64, known bool) {
	if f.conn.taken() == nil {
		return 0, false
	}
	last := h.maps.last()
	switch {
	case h.left != nil && h.left.infinite.ssn != 0 && ssn >= h.left.infinite.ssn:
		return h.left.infinite.at(ssn), true
	case last != nil:
		return last.at(ssn), ssn >= last.end()
	}
	return ssn - behindSYN, f.initial && h.origin == behindSYN
}

// handAgain gives what had no place.
func (f *subflow) handAgain(d direction) {
	left := f.halves[d].left
	if left == nil {
		return
	}
	again := left.unplaced
	left.unplaced, left.kept = nil, 0
	for _, one := range again {
		f.hand(d, one.lo, one.length, one.data)
	}
}

// keep copies the payload of a segment that cannot be placed yet.
func (c *connection) keep(s *Segment) []byte {
	if c.payload == nil {
		return nil
	}
	return slices.Clone(s.Payload)
}

// endless takes note of where an infinite mapping begins, if it says so.
func (f *subflow) endless(d direction, m *wire.DSS) {
	if h := &f.halves[d]; f.conn.payload != nil && h.started && m.SSN != 0 && f.conn.streams[f.sender(d)].known {
		h.leave().infinite = mapping{ssn: unwrap32(m.SSN, h.near), stream: f.conn.streams[f.sender(d)].offset(m.DSN, m.DSN64)}
	}
}

// hand gives what still has no place, and says how far the streams have come.
func (c *connection) hand() {
	for _, of := range [...]side{client, server} {
		extent := c.extent(of)
		for _, flow := range c.subflows {
			d := fromOpener
			if flow.sender(d) != of {
				d = fromOther
			}
			flow.handAgain(d)
			flow.fallenExtent(&extent, flow.half(of))
		}
		c.payload.Over(&extent)
	}
}
