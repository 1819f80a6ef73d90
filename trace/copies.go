package trace

// A flow may be captured at several places: at both its ends, or on a bridge and the
// interfaces under it. With Options.ByAddress it is judged where it was seen first,
// and its packets at other places are copies, which are counted and not looked at. A
// place is known to be another one by the same SYN.

// copies are interfaces, a bit for each: the first 63, and one for all others.
type copies uint64

const lastCopy = 63

func (c *copies) add(iface int) { *c |= 1 << min(max(iface, 0), lastCopy) }

func (c copies) has(iface int) bool { return c&(1<<min(max(iface, 0), lastCopy)) != 0 }

// soonestAgain is less than what a SYN is sent again after (RFC 6298, section 2.1).
const soonestAgain = 900e6

// copied reports whether a SYN, which is the flow's, was captured at another place.
// One that is sent again without an answer may take another way.
func (a *Analyzer) copied(flow *subflow, s *Segment) bool {
	if !a.o.ByAddress || s.Interface == flow.iface {
		return false
	}
	if flow.waits && s.Time-flow.opened >= soonestAgain {
		flow.iface = s.Interface
		return false
	}
	flow.copies.add(s.Interface)
	a.packets.Copies++
	return true
}

// copiedLate is the same for a flow that is closed.
func (a *Analyzer) copiedLate(hash uint64, s *Segment) bool {
	if !a.o.ByAddress {
		return false
	}
	e, same := a.closed.flows.find(hash, &s.tuple)
	if e == nil || !same || e.iface == s.Interface || !e.ends[fromOpener].started || e.ends[fromOpener].isn != s.Seq {
		return false
	}
	e.copies.add(s.Interface)
	a.packets.Copies++
	return true
}
