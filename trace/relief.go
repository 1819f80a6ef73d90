package trace

// relief is a stall that another subflow ended than the one the data was lost on. Which
// these are, acknowledgements of data do not tell: they come by any subflow.
type relief struct {
	Stall
	lost, by int  // the subflows' numbers
	guessed  bool // the lost data was not seen: it is taken to be of who was in use until then
}

// relieved finds out who ended a stall, when it was long enough to be a handover.
func (c *connection) relieved(of side, stall Stall) {
	stream := &c.streams[of]
	if stall.Duration < handoverAtLeast || stall.Duration <= stream.stalls.relief.Duration || c.plain {
		return
	}
	r := relief{Stall: stall}
	stream.sendings.each(stall.Offset, stall.Offset+1, func(one *sending, _, _ uint64) {
		switch {
		case one.copier != 0 && one.copier != one.flow && c.subflows[one.flow-1].half(of).acked < one.end:
			r.lost, r.by = int(one.flow), int(one.copier)
		case one.copier == 0 && one.at-stall.At > stall.Duration/2: // It was due before: what was seen is not the original.
			r.by, r.guessed = int(one.flow), true
			r.lost = c.quiet(of, r.by, &stall)
		}
	})
	if r.lost == 0 || !c.subflows[r.lost-1].half(of).quiet(&stall) {
		return
	}
	stream.stalls.relief = r
}

// quiet is the subflow, not the given one, that was in use when a stall began and has
// brought nothing in it; 0: there is none.
func (c *connection) quiet(of side, but int, stall *Stall) (number int) {
	latest := stall.At - max(stall.Duration, staleAtLeast)
	for _, flow := range c.subflows {
		if h := flow.half(of); flow.id != but && h.first != 0 && h.quiet(stall) && h.lastAck > latest {
			number, latest = flow.id, h.lastAck
		}
	}
	return number
}

// quiet reports whether the direction had no acknowledgement of payload in a stall, but
// for what was on its way when it began.
func (h *half) quiet(stall *Stall) bool { return h.lastAck <= stall.At+stall.Duration/4 }
