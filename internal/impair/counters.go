package impair

// Count is a number of frames and of their bytes.
type Count struct {
	Frames, Bytes uint64
}

func (c *Count) add(length int) {
	c.Frames++
	c.Bytes += uint64(length)
}

// Counters say what a Model did with frames since it was made: each that came
// in or was added by duplication is counted in one of Out, Lost and QueueFull.
type Counters struct {
	In         Count
	Out        Count
	Lost       Count
	QueueFull  Count
	Duplicated Count // the copies
	Reordered  Count // of Out, those not delayed
}
