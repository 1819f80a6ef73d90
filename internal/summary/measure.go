package summary

import (
	"net/netip"
	"slices"

	"allroads/trace"
)

func number(n float64) value { return value{n: n, has: true} }

func truth(yes bool) value {
	if yes {
		return number(1)
	}
	return number(0)
}

func notKnown(why string) value { return value{has: true, why: why} }

// counted is a number that may be more where the start of a connection is missing.
func counted(c *trace.Connection, n int) value {
	v := number(float64(n))
	v.more = c.Inferred != trace.NotInferred
	return v
}

func connections(c *trace.Connection, _ *Expectation) value {
	agreed := slices.ContainsFunc(c.Subflows, func(f trace.Subflow) bool { return f.Established })
	return truth(agreed || c.Inferred != trace.NotInferred && c.Conclusion.Paths > 0)
}

func fallbacks(c *trace.Connection, _ *Expectation) value {
	v := truth(c.Fallback != nil)
	v.more = c.Fallback == nil && c.Inferred != trace.NotInferred
	return v
}

func isProven(c *trace.Connection, _ *Expectation) value { return truth(c.Verdict.Proven) }

// isVerified is no as soon as one subflow is not, and unknown when one is not known.
func isVerified(c *trace.Connection, _ *Expectation) (v value) {
	for i := range c.Subflows {
		f := &c.Subflows[i]
		switch {
		case !f.Established && f.Outcome != trace.OutcomeUnknown:
		case f.Verified == nil:
			v = notKnown("the packets do not tell of each subflow whose it is")
		case !*f.Verified:
			return truth(false)
		case !v.has:
			v = truth(true)
		}
	}
	return v
}

func version(c *trace.Connection, _ *Expectation) value {
	if c.Version == nil {
		return notKnown("the packets do not tell the version")
	}
	return number(float64(*c.Version))
}

func established(c *trace.Connection, _ *Expectation) value {
	n := 0
	for i := range c.Subflows {
		if c.Subflows[i].Established {
			n++
		}
	}
	return counted(c, n)
}

// paths counts as trace's verdict does; where the start of a subflow was not captured,
// data says that it was established.
func paths(c *trace.Connection, _ *Expectation) value {
	if c.Inferred == trace.InferredNarrow {
		return notKnown("that its subflows are of one connection is a weak inference")
	}
	var found [][2]netip.Addr
	for i := range c.Subflows {
		f := &c.Subflows[i]
		pair := [2]netip.Addr{f.Client.Addr(), f.Server.Addr()}
		if (f.Established || f.Outcome == trace.OutcomeUnknown) && f.Delivered() && !slices.Contains(found, pair) {
			found = append(found, pair)
		}
	}
	return counted(c, len(found))
}

func handovers(c *trace.Connection, _ *Expectation) value {
	v := truth(c.Conclusion.Handover != nil)
	v.more = c.Conclusion.Handover == nil && c.Inferred != trace.NotInferred
	return v
}

func handover(c *trace.Connection, _ *Expectation) value {
	if c.Conclusion.Handover == nil {
		return value{}
	}
	return number(float64(c.Conclusion.Handover.Duration))
}

func resets(c *trace.Connection, _ *Expectation) value {
	n := 0
	for i := range c.Subflows {
		if c.Subflows[i].Established && c.Subflows[i].Ended == trace.EndReset {
			n++
		}
	}
	return counted(c, n)
}

func aborted(c *trace.Connection, _ *Expectation) value { return truth(c.Aborted != "") }

func middleboxSigns(c *trace.Connection, _ *Expectation) value {
	n := 0
	for i := range c.Conclusion.Findings {
		if oddityOf(c.Conclusion.Findings[i].Code) == tampered {
			n++
		}
	}
	return counted(c, n)
}

func badChecks(c *trace.Connection, _ *Expectation) value {
	n, _ := tally(c)
	return counted(c, n)
}

func unknownChecks(c *trace.Connection, _ *Expectation) value {
	_, n := tally(c)
	return number(float64(n))
}
