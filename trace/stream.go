package trace

import "fmt"

// stream is what one side of a connection sends, numbered from 0 at its first
// byte. The data sequence number of that byte is base.
type stream struct {
	base     uint64
	known    bool  // base was derived from the key
	start    start // whether the numbers on the wire begin where the key says
	startBad string
	covered  spans  // bytes seen, on whichever subflow
	promised uint64 // behind the last byte that a mapping stands for
	content  content
	reorder  reorder
	sendings sendings
	stalls   stalls
	finAt    uint64 // how many bytes there are, once ended
	ended    bool   // a DATA_FIN was seen
	finClash string // a second DATA_FIN in another place

	acked   uint64 // all below it the other side has, DATA_FIN counted as one
	overAck string // a DATA_ACK for what was not sent
}

// start is what the first full data sequence number on the wire says about the
// key, which the stream's own first number is derived from.
type start uint8

const (
	startUnseen start = iota
	startRight
	startWrong
)

// compareStart compares the first data sequence number that a DSS option brings
// with the one expected next. Packets may have come out of order, so a number
// of 64 bits within 2 GiB is right: a wrong key is farther off, and a number
// that is wrong by less is a wrong mapping. One of 32 bits has to be exact.
func (s *stream) compareStart(dsn uint64, is64 bool) {
	if !s.known || s.start != startUnseen {
		return
	}
	expected := s.base + s.promised
	if !is64 {
		if uint32(dsn) == uint32(expected) {
			s.start = startRight
		}
		return
	}
	s.start = startRight
	if difference := int64(dsn - expected); difference < -1<<31 || difference > 1<<31 {
		s.start = startWrong
		s.startBad = fmt.Sprintf("%d is on the wire where the key gives %d", dsn, expected)
	}
}

func (s *stream) setBase(dsn uint64) { s.base, s.known = dsn, true }

// offset turns a data sequence number into a position in the stream; one of 32
// bits is taken to be near what was seen last.
func (s *stream) offset(dsn uint64, is64 bool) uint64 {
	if !is64 {
		dsn = unwrap32(uint32(dsn), s.base+s.covered.end())
	}
	return dsn - s.base
}

// carry takes note of bytes and returns how many of them are new, and how long
// others had waited for them.
func (s *stream) carry(lo, hi uint64, by sending) (fresh uint64, waited int64) {
	s.covered.add(lo, hi, func(lo, hi uint64) {
		fresh += hi - lo
		by.lo, by.hi = lo, hi
		s.sendings.add(by)
	})
	if hi > s.acked {
		s.stalls.sent(by.at)
	}
	return fresh, s.reorder.come(lo, fresh, s.covered, by.at)
}

// finish takes a DATA_FIN, which stands behind the last byte.
func (s *stream) finish(at uint64) {
	if !s.ended {
		s.finAt, s.ended = at, true
		return
	}
	if at != s.finAt && s.finClash == "" {
		s.finClash = fmt.Sprintf("DATA_FIN at %s and at %s", offsetText(s.finAt), offsetText(at))
	}
}

// finished reports whether the other side has all data and the DATA_FIN.
func (s *stream) finished() bool { return s.ended && s.acked == s.finAt+1 }

// acknowledge takes a DATA_ACK, the number the receiver expects next, and reports
// whether it is a new one.
func (s *stream) acknowledge(dsn uint64, is64 bool) (more bool) {
	if !s.known {
		return false
	}
	at := s.offset(dsn, is64)
	sent := s.promised
	if s.ended {
		sent = max(sent, s.finAt+1)
	}
	if at > sent {
		if s.overAck == "" {
			s.overAck = fmt.Sprintf("DATA_ACK %d acknowledges stream offset %s, of which only %d bytes were sent",
				dsn, offsetText(at), sent)
		}
		return false
	}
	more = at > s.acked
	s.acked = max(s.acked, at)
	return more
}

// offsetText writes a position in a stream; one before its beginning, which
// only a wrong number can give, as a negative number.
func offsetText(at uint64) string { return fmt.Sprint(int64(at)) }
