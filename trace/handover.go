package trace

import (
	"fmt"
	"time"
)

// Handover is the longest time in which data waited for an acknowledgement that another
// subflow ended, by carrying what the one before had lost, which had died.
type Handover struct {
	At       int64  `json:"at,string"` // when data was due first, nanoseconds since 1970
	Duration int64  `json:"duration"`  // nanoseconds
	To       string `json:"to"`        // client or server: where the data went
	Before   int    `json:"before"`    // number of the subflow that the data was lost on
	After    int    `json:"after"`     // and of the one that brought it
	Because  string `json:"because"`   // reset, removed, stale or silent: what became of the first
}

// String is the handover in words.
func (h *Handover) String() string {
	return fmt.Sprintf("handover from subflow %d (%s) to %d: no data arrived at the %s for %v",
		h.Before, h.Because, h.After, h.To, time.Duration(h.Duration))
}

// handoverAtLeast is the least time that is one, in nanoseconds. Linux sends lost data on
// another subflow when a timer ends that takes TCP's shortest time, 200 ms, but may have
// begun before the last acknowledgement: 100 ms were measured.
const handoverAtLeast = 50e6

// silentAtLeast is how long a subflow has to be silent, up to the end of what was seen,
// to be taken for dead.
const silentAtLeast = 500e6

// handover finds it, nil when there is none.
func (c *Connection) handover(of *connection) *Handover {
	var found *Handover
	for _, from := range [...]side{client, server} {
		r, last := &of.streams[from].stalls.relief, c.ToServer.Last
		if from == server {
			last = c.ToClient.Last
		}
		if r.lost == 0 || found != nil && found.Duration >= r.Duration {
			continue
		}
		because := of.died(from, of.subflows[r.lost-1], r, last)
		if because == "" {
			continue
		}
		found = &Handover{
			At: r.At, Duration: r.Duration, To: from.other().String(),
			Before: r.lost, After: r.by, Because: because,
		}
	}
	return found
}

// died says what became of a subflow in a stall, "" when it was alive soon after. The
// last data of the direction was seen at a time.
func (c *connection) died(from side, flow *subflow, r *relief, last int64) string {
	h, end := flow.half(from), r.At+r.Duration
	long := staleTrips * max(h.rtt.usual(), flow.halves[fromOpener].rtt.Handshake, flow.halves[fromOther].rtt.Handshake)
	back := h.lastAck > end
	stale := h.stale.report(flow.trip(), c.last())
	switch during := func(at int64) bool { return at >= r.At && at <= end }; {
	case flow.reset != "" && during(flow.endedAt):
		return "reset"
	case during(flow.removedAt):
		return "removed"
	case stale.Longest >= max(r.Duration, long) && !(back && r.guessed):
		return "stale"
	case back || c.last()-h.lastAck < max(silentAtLeast, long):
		return ""
	case r.guessed && last-end < r.Duration:
		return "" // There was nothing more that it could have carried.
	}
	return "silent"
}
