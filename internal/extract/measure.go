package extract

import (
	"context"
	"fmt"
	"slices"

	"allroads/trace"
)

// extent is what is known of a side's stream before it is put together: which bytes
// were captured at all, so that nothing has to wait for those that were not.
type extent struct {
	seen   ranges
	ends   trace.Extent
	over   bool
	first  map[int]int64 // of subflows whose start was not captured: the first offset
	begin  int64
	origin int64 // the offset that is told as 0
	end    int64
	holes  []Range
}

// maxHoles is how many holes a stream may have.
const maxHoles = 1 << 20

// extents are those of the client's stream and the server's.
type extents struct {
	sides [2]extent
	err   error
}

func sideOf(fromServer bool) int {
	if fromServer {
		return 1
	}
	return 0
}

// measure finds out how far the streams of a connection go, and what is missing.
func measure(ctx context.Context, files []string, chosen []Chosen, o StreamOptions) (*extents, error) {
	e := &extents{}
	if err := follow(ctx, files, chosen, o.Options, e); err != nil {
		return nil, err
	}
	for i := range e.sides {
		e.sides[i].bound(chosen[0].Inferred != trace.NotInferred)
	}
	return e, nil
}

func (e *extents) failed() error { return e.err }

// Piece takes note of what was captured.
func (e *extents) Piece(p *trace.Piece) {
	side := &e.sides[sideOf(p.FromServer)]
	side.seen.add(p.Offset, p.Offset+int64(len(p.Data)))
	if p.Midway {
		side.note(p)
	}
	if len(side.seen) > maxHoles && e.err == nil {
		e.err = fmt.Errorf("put the stream together: more than %d pieces of it are missing: was the capture made with a snap length that cuts payload off?", maxHoles)
	}
}

// Over takes note of how far the other side had the stream.
func (e *extents) Over(end *trace.Extent) {
	one := &e.sides[sideOf(end.FromServer)]
	if !one.over || end.Delivered > one.ends.Delivered {
		one.over, one.ends = true, *end
	}
}

// note remembers where a subflow's part of the capture begins.
func (e *extent) note(p *trace.Piece) {
	if e.first == nil {
		e.first = map[int]int64{}
	}
	if _, known := e.first[p.Subflow]; !known {
		e.first[p.Subflow] = p.Offset
	}
}

// bound finds where the stream begins, where it ends, and what is missing between.
// What the other side had is a part of it in any case. What was on its way then is,
// as far as nothing in front of it is missing: an application cannot have had more.
func (e *extent) bound(late bool) {
	switch {
	case len(e.seen) == 0 && late:
		e.begin = e.ends.Delivered
	case len(e.seen) > 0 && (late || e.seen[0].Low < 0):
		e.begin = e.seen[0].Low
	}
	e.end = max(e.begin, e.ends.Delivered)
	for _, one := range e.seen {
		if one.Low <= e.end && one.High > e.end {
			e.end = one.High
		}
	}
	e.holes = e.seen.gaps(e.begin, e.end)
	if late {
		e.settle()
	}
}

// settle has a stream whose start was not captured begin where it is whole: subflows
// are not equally far, and what is missing in front of the first data that one of them
// brings may have been sent before the capture began.
func (e *extent) settle() {
	sure := e.begin
	for _, at := range e.first {
		sure = max(sure, at)
	}
	for len(e.holes) > 0 && e.holes[0].Low < sure {
		e.begin = e.holes[0].High
		e.holes = e.holes[1:]
	}
	e.origin = e.begin
}

// complete reports whether the stream is known to go no further.
func (e *extent) complete() bool { return e.ends.Ended && e.end >= e.ends.End }

// told are the holes as offsets that a reader is told.
func (e *extent) told() []Range {
	told := slices.Clone(e.holes)
	for i := range told {
		told[i].Low -= e.origin
		told[i].High -= e.origin
	}
	return told
}
