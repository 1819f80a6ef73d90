package trace

import "allroads/wire"

// optionReader goes through a segment's MPTCP options.
type optionReader struct {
	option wire.Option
	rest   []byte
}

func options(s *Segment) optionReader { return optionReader{rest: s.Options} }

// next moves to the next option and reports whether there is one. Options that
// are malformed or cut off end the walk.
func (r *optionReader) next() bool {
	var err error
	r.option, r.rest, err = wire.Next(r.rest)
	return err == nil && r.option != nil
}
