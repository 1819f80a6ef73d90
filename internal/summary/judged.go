package summary

import "allroads/trace"

// verdict is what the checks of a connection come to, in a word.
type verdict string

// The verdicts.
const (
	proven    verdict = "proven"  // all checks are ok, and several paths delivered data
	allOK     verdict = "ok"      // all checks are ok
	undecided verdict = "unknown" // the packets do not tell of some
	bad       verdict = "bad"     // some are not ok
	unchecked verdict = "-"       // there is nothing to check, as it is plain TCP
)

func (v verdict) color() string {
	return map[verdict]string{proven: green, allOK: green, undecided: yellow, bad: red}[v]
}

func judged(c *trace.Connection) verdict {
	badOnes, unknownOnes := tally(c)
	switch {
	case !c.Multipath:
		return unchecked
	case badOnes > 0:
		return bad
	case unknownOnes > 0 || c.Inferred != trace.NotInferred:
		return undecided
	case c.Verdict.Proven:
		return proven
	}
	return allOK
}

// tally counts the checks that are not ok, of the connection and its subflows.
func tally(c *trace.Connection) (badOnes, unknownOnes int) {
	add := func(checks []trace.Check) {
		for i := range checks {
			switch checks[i].Status {
			case trace.Bad:
				badOnes++
			case trace.Unknown:
				unknownOnes++
			}
		}
	}
	add(c.Checks)
	for i := range c.Subflows {
		add(c.Subflows[i].Checks)
	}
	return badOnes, unknownOnes
}

// kindText is a kind of connection in a word or two.
func kindText(k trace.Kind) string {
	switch k {
	case trace.KindSinglePath:
		return "one path"
	case trace.KindNoData:
		return "no data"
	case trace.KindUnanswered:
		return "not established"
	}
	return string(k)
}

func kindColor(k trace.Kind) string {
	switch k {
	case trace.KindFallback:
		return red
	case trace.KindUnanswered, trace.KindNoData, trace.KindSinglePath:
		return yellow
	}
	return ""
}

// reinjected is what a subflow carried of the stream that had been carried before.
func reinjected(f *trace.Subflow) uint64 { return f.ToServer.Reinjected + f.ToClient.Reinjected }

// newData is what all subflows of a connection carried, each byte counted once.
func newData(c *trace.Connection) (sum uint64) {
	for i := range c.Subflows {
		sum += c.Subflows[i].Total()
	}
	return sum
}

// roundTrip is how long answers took, of both directions the longer, since a capture
// beside one end sees next to nothing of the other: 0 when it is not known.
func roundTrip(f *trace.Subflow) int64 {
	return max(answered(&f.ToServer.RTT), answered(&f.ToClient.RTT))
}

func answered(r *trace.RTT) int64 {
	if r.Samples == 0 {
		return r.Handshake
	}
	return r.Average
}
