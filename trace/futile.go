package trace

// maxFutile is how many subflows of a connection are described that never came
// about: more than a path manager tries, fewer than a flood has.
const maxFutile = 64

// giveUp takes note of a subflow that never came about, to use its place again
// when there are too many.
func (c *connection) giveUp(f *subflow) { c.futile = append(c.futile, f) }

// takeFutile returns a subflow whose place is to be used again, nil if there is
// room for a new one.
func (c *connection) takeFutile() *subflow {
	if len(c.futile) <= maxFutile {
		return nil
	}
	f := c.futile[0]
	c.futile = append(c.futile[:0], c.futile[1:]...)
	c.hidden++
	return f
}

// used reports whether anything was carried.
func (f *subflow) used() bool { return f.halves[0].segments+f.halves[1].segments > 0 }
