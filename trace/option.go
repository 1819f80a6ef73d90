package trace

import "allroads/wire"

// optionReader goes through a segment's MPTCP options.
type optionReader struct {
	option wire.Option
	rest   []byte
	err    error // why the walk ended early
}

func options(s *Segment) optionReader { return optionReader{rest: s.Options} }

// next moves to the next option and reports whether there is one. Options that
// are malformed or cut off end the walk.
func (r *optionReader) next() bool {
	r.option, r.rest, r.err = wire.Next(r.rest)
	return r.err == nil && r.option != nil
}
