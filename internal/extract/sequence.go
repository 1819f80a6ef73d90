package extract

import (
	"context"
	"fmt"
)

// sequence is a stream that is put in order.
type sequence struct {
	fromServer bool
	extent     *extent
	policy     Holes
	emit       func(*Part) error
	next       int64   // all below is written, or a hole
	holes      []Range // from next on
	limit      int64   // no more is wanted
	waiting    waiting
	written    int64
	part       Part
}

func newSequence(fromServer bool, e *extent, policy Holes, emit func(*Part) error) *sequence {
	s := &sequence{
		fromServer: fromServer, extent: e, policy: policy, emit: emit,
		next: e.begin, holes: e.holes, limit: e.end,
		waiting: waiting{limit: maxMemory},
	}
	if policy == HolesStop && len(e.holes) > 0 {
		s.limit = e.holes[0].Low
	}
	return s
}

// stopped reports whether a hole ends the stream.
func (s *sequence) stopped() bool {
	return s.policy == HolesStop && len(s.holes) > 0 && s.holes[0].Low == s.next
}

// take takes bytes at an offset: those that are next go on, others wait.
func (s *sequence) take(at int64, data []byte) error {
	if err := s.advance(context.Background()); err != nil {
		return err
	}
	if skip := s.next - at; skip > 0 {
		at, data = s.next, data[min(skip, int64(len(data))):]
	}
	data = data[:max(0, min(int64(len(data)), s.limit-at))]
	if len(data) == 0 {
		return nil
	}
	if at > s.next {
		return s.waiting.add(at, data)
	}
	if err := s.write(data); err != nil {
		return err
	}
	return s.advance(context.Background())
}

// write gives bytes away that are next.
func (s *sequence) write(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	s.part = Part{FromServer: s.fromServer, Offset: s.next - s.extent.origin, Data: data}
	s.next += int64(len(data))
	s.written += int64(len(data))
	return s.emit(&s.part)
}

// advance goes on with what has waited and with holes, as far as it can.
func (s *sequence) advance(ctx context.Context) error {
	for {
		switch {
		case len(s.holes) > 0 && s.holes[0].Low == s.next:
			if s.policy == HolesStop {
				return nil
			}
			if err := s.pass(ctx, s.holes[0]); err != nil {
				return err
			}
			s.holes = s.holes[1:]
		case s.waiting.begins(s.next):
			if err := s.waiting.take(s.next, s.write); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

// maxZeros is how many bytes of a hole are written: more are a mistake in the
// capture, as of a number that was altered.
const maxZeros = 16 << 30

var zeros [64 << 10]byte

// pass passes a hole.
func (s *sequence) pass(ctx context.Context, hole Range) error {
	if s.policy == HolesSkip {
		s.next = hole.High
		return nil
	}
	if hole.High-hole.Low > maxZeros {
		return fmt.Errorf("fill hole %v: more than 16 GiB: skip holes instead", hole)
	}
	for s.next < hole.High {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := s.write(zeros[:min(hole.High-s.next, int64(len(zeros)))]); err != nil {
			return err
		}
	}
	return nil
}

func (s *sequence) report() StreamEnd {
	e := s.extent
	return StreamEnd{
		FromServer: s.fromServer, Begin: e.begin - e.origin, End: e.end - e.origin, Bytes: s.written,
		Holes: e.told(), Complete: e.complete(),
	}
}
