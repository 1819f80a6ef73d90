package extract

import (
	"context"

	"allroads/trace"
)

// assembly puts the streams of a connection in order.
type assembly struct {
	sides [2]*sequence
	err   error
}

func newAssembly(e *extents, o StreamOptions, emit func(*Part) error) *assembly {
	a := &assembly{}
	for i, wanted := range [2]bool{o.Client, o.Server} {
		if wanted {
			a.sides[i] = newSequence(i == 1, &e.sides[i], o.Holes, emit)
		}
	}
	return a
}

func (a *assembly) failed() error { return a.err }

// Piece takes payload.
func (a *assembly) Piece(p *trace.Piece) {
	if s := a.sides[sideOf(p.FromServer)]; s != nil && a.err == nil {
		a.err = s.take(p.Offset, p.Data)
	}
}

// Over is known by now.
func (a *assembly) Over(*trace.Extent) {}

// finish writes what stands behind the last piece, and reports.
func (a *assembly) finish(ctx context.Context) (ends []StreamEnd, err error) {
	for _, s := range a.sides {
		if s == nil {
			continue
		}
		if err := s.advance(ctx); err != nil {
			return nil, err
		}
		ends = append(ends, s.report())
		if s.stopped() && err == nil {
			err = &HolesError{s.fromServer, s.extent.told()}
		}
	}
	return ends, err
}

func (a *assembly) close() {
	for _, s := range a.sides {
		if s != nil {
			s.waiting.close()
		}
	}
}
