package summary

import (
	"allroads/trace"
)

func failedJoins(c *trace.Connection, _ *Expectation) value {
	n := int(c.Futile)
	for i := range c.Subflows {
		f := &c.Subflows[i]
		switch f.Outcome {
		case trace.OutcomeNoAnswer, trace.OutcomePlain, trace.OutcomeNoACK:
			if !f.Initial {
				n++
			}
		default:
			if turnedDown(f) {
				n++
			}
		}
	}
	return counted(c, n)
}

// turnedDown reports whether a join was refused, before its handshake was complete or
// right after.
func turnedDown(f *trace.Subflow) bool {
	if f.Initial || f.Total() > 0 {
		return false
	}
	code := f.Unused().Code
	return code == trace.FoundRefused || code == trace.FoundJoinReset
}

// refusedJoins: of those that are hidden, it is not known what became.
func refusedJoins(c *trace.Connection, _ *Expectation) value {
	n := 0
	for i := range c.Subflows {
		if turnedDown(&c.Subflows[i]) {
			n++
		}
	}
	v := counted(c, n)
	v.more = v.more || c.Futile > 0
	return v
}

// idleSubflows may have carried data before the capture began.
func idleSubflows(c *trace.Connection, _ *Expectation) value {
	if c.Inferred != trace.NotInferred {
		return notKnown("its start was not captured")
	}
	n := 0
	for i := range c.Subflows {
		f := &c.Subflows[i]
		if f.Established && f.Total() == 0 && newData(c) > 0 && !turnedDown(f) {
			n++
		}
	}
	return counted(c, n)
}
