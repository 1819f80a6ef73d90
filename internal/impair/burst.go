package impair

// GilbertElliott loses frames in bursts: a channel that is good or bad, and
// changes with a probability at each frame. These are the parameters of
// tc-netem(8) "loss gemodel p r 1-h 1-k", but each has to be given: where tc
// takes 1-h to be 1, LossBad of 0 loses nothing.
//
// With LossBad 1 and LossGood 0, the mean burst is 1/R frames long, and P/(P+R)
// of all frames are lost. The zero value loses none.
type GilbertElliott struct {
	P        float64 // the probability to turn from good to bad
	R        float64 // the probability to turn from bad to good
	LossBad  float64 // the part of the frames lost while bad: 1-h
	LossGood float64 // the part of the frames lost while good: 1-k
}

// channel is the state of a GilbertElliott. It starts good.
type channel struct {
	bad bool
}

// loses decides about the next frame, given two random numbers from [0, 1). As
// in the kernel's sch_netem.c, the state that counts is the one before it turns.
func (c *channel) loses(g GilbertElliott, turn, loss float64) bool {
	if c.bad {
		c.bad = turn >= g.R
		return loss < g.LossBad
	}
	c.bad = turn < g.P
	return loss < g.LossGood
}
