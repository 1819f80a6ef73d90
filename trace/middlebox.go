package trace

import "allroads/wire"

// middleboxes looks for signs that something on the way changed packets.
func (c *connection) middleboxes(out *Connection) {
	for _, flow := range c.subflows {
		for _, d := range [...]direction{fromOpener, fromOther} {
			h, by := &flow.halves[d], flow.sender(d).String()
			switch {
			case c.fallback == nil && h.moved(): // Behind an infinite mapping, payload has no other.
				out.Conclusion.find(Finding{Code: SignSequence, Subflow: flow.id, By: by, Packet: h.bare.packet})
			case h.stripped(&flow.halves[d.other()]):
				out.Conclusion.find(Finding{Code: SignOptions, Subflow: flow.id, By: by, Packet: h.signs.first})
			}
			if h.checksums.bad > 0 {
				out.Conclusion.find(Finding{Code: SignPayload, Subflow: flow.id, By: by})
			}
		}
		if flow.reset == wire.ResetMiddlebox.String() {
			out.Conclusion.find(Finding{Code: SignReset, Subflow: flow.id, By: flow.sender(flow.resetBy).String()})
		}
	}
}

// moved reports whether payload that was seen has no mapping, while a mapping stands
// for payload that was not: by the acknowledgements all of both would have been sent.
func (h *half) moved() bool {
	if len(h.missing) == 0 || h.origin != behindSYN {
		return false
	}
	for _, m := range h.maps.list() {
		if !h.seen.touches(m.ssn, m.end()) && h.missing.count() > maxProbe {
			return true
		}
	}
	return false
}

// strippedAtLeast is how many segments without an option tell that none comes.
const strippedAtLeast = 4

// stripped reports whether the options of one direction vanish after the handshake,
// and those of the other do not.
func (h *half) stripped(other *half) bool {
	return h.signs.with == 0 && h.signs.without >= strippedAtLeast && other.signs.with > 0
}
