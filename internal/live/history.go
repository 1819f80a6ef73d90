package live

import (
	"net/netip"
	"time"
)

// history is what the counters of a namespace's connections were at the Look
// before. Its memory is used again for each second Look.
type history struct {
	at    time.Time
	past  ledger
	spare ledger

	numbers chunk[float64] // that are told
}

// ledger holds counters: those of connections by their sockets' cookies.
type ledger struct {
	connections map[uint64]entry
	subflows    []tally // of all connections
}

type entry struct {
	counts
	told       bool // by the kernel
	first, end int  // its subflows among all
}

type tally struct {
	local, remote netip.AddrPort
	counts
}

// counts are bytes that have arrived over a subflow, in each direction. What was
// sent and not acknowledged may have been lost.
type counts struct{ sent, received uint64 }

func (c counts) sum() uint64 { return c.sent + c.received }

// since returns the bytes since an earlier time, none when they count from anew.
func (c counts) since(before counts) (counts, bool) {
	if c.sent < before.sent || c.received < before.received {
		return counts{}, false
	}
	return counts{c.sent - before.sent, c.received - before.received}, true
}

// period is the time from one Look to the next.
type period struct {
	*history
	now     time.Time
	seconds float64 // since the Look before, 0: there was none
}

func (h *history) begin(now time.Time) *period {
	p := &period{history: h, now: now}
	if !h.at.IsZero() {
		p.seconds = now.Sub(h.at).Seconds()
	}
	if h.spare.connections == nil {
		h.spare.connections = map[uint64]entry{}
	}
	clear(h.spare.connections)
	h.spare.subflows = h.spare.subflows[:0]
	return p
}

// end makes what was noted the past of the next Look.
func (p *period) end() {
	p.past, p.spare = p.spare, p.past
	p.at = p.now
}
