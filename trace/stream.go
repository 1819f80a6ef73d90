package trace

import "fmt"

// stream is what one side of a connection sends, numbered from 0 at its first
// byte. The data sequence number of that byte is base.
type stream struct {
	base     uint64
	known    bool   // base was derived from the key, or is another number that was seen first, less midwayBase
	origin   uint64 // 0, or midwayBase: the offset that is reported as 0
	start    start  // whether the numbers on the wire begin where the key says
	startBad string
	covered  spans  // bytes seen, on whichever subflow
	promised uint64 // behind the last byte that a mapping stands for
	content  content
	reorder  reorder
	sendings sendings
	stalls   stalls
	window   windowing
	skipped  uint64 // bytes in holes of covered that are forgotten
	unsure   int    // subflows that carry parts whose place is not known yet
	finAt    uint64 // how many bytes there are, once ended
	ended    bool   // a DATA_FIN was seen
	finClash string // a second DATA_FIN in another place

	acked   uint64 // all below it the other side has, DATA_FIN counted as one
	overAck string // a DATA_ACK for what was not seen
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
	if !is64 {
		if uint32(dsn) == uint32(s.base+s.promised) {
			s.start = startRight
		}
		return
	}
	s.start = startRight
	if difference := int64(dsn - s.base); difference < -1<<31 || difference > 1<<31 {
		s.start = startWrong
		s.startBad = fmt.Sprintf("%d is on the wire where the key gives %d", dsn, s.base)
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
	if len(s.covered) == 0 && s.origin != 0 {
		s.reorder.next = lo // What came before it was not captured.
	}
	if n := len(s.covered); n > 0 && s.covered[n-1].hi == lo { // the usual case
		s.covered[n-1].hi = hi
		fresh, by.lo, by.hi = hi-lo, lo, hi
		s.sendings.add(&by)
	} else {
		s.covered.add(lo, hi, func(lo, hi uint64) {
			fresh += hi - lo
			by.lo, by.hi = lo, hi
			s.sendings.add(&by)
		})
		s.skipped += s.covered.shorten()
	}
	if hi > s.acked {
		s.stalls.sent(by.at)
	}
	s.window.send(s.covered.end(), hi-lo, by.at)
	if s.unsure > 0 {
		return fresh, 0
	}
	return fresh, s.reorder.come(lo, fresh, s.acked, s.covered, by.at)
}

// bytes is how many different ones were seen.
func (s *stream) bytes() uint64 { return s.covered.count() - s.skipped }

// arrived is how many the other side has since the first number that was seen.
func (s *stream) arrived() uint64 { return max(s.acked, s.origin) - s.origin }

// unseen is how many the other side has that were not captured.
func (s *stream) unseen() uint64 {
	n, end := s.skipped, s.acked
	if s.ended {
		end = min(end, s.finAt)
	}
	begin := s.begin()
	if end <= begin {
		return n
	}
	s.covered.gaps(begin, end, func(lo, hi uint64) { n += hi - lo })
	return n
}

// begin is the first position that is known of.
func (s *stream) begin() uint64 {
	if s.origin != 0 && len(s.covered) > 0 {
		return s.covered[0].lo
	}
	return s.origin
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

// acknowledge takes a DATA_ACK, the number the receiver expects next, and returns
// the position that it stands for, unless that cannot be.
func (s *stream) acknowledge(dsn uint64, is64 bool) (at uint64, right bool) {
	if !s.known {
		return 0, false
	}
	at = s.offset(dsn, is64)
	sent := s.promised
	if s.ended {
		sent = max(sent, s.finAt+1)
	}
	if at <= sent {
		return at, true
	}
	if s.origin != 0 { // The packets with it were not captured.
		s.promised = max(s.promised, at)
		return at, true
	}
	if s.overAck == "" {
		s.overAck = fmt.Sprintf("DATA_ACK %d acknowledges stream offset %s, of which only %d bytes were seen",
			dsn, offsetText(at), sent)
	}
	return 0, false
}

// offsetText writes a position in a stream; one before its beginning, which
// only a wrong number can give, as a negative number.
func offsetText(at uint64) string { return fmt.Sprint(int64(at)) }
