package trace

import (
	"fmt"
	"time"
)

// Handover is the longest time in which data waited for an acknowledgement, when
// after it another subflow brought what was due, and the one before had died.
type Handover struct {
	At       int64  `json:"at,string"` // when data was due first, nanoseconds since 1970
	Duration int64  `json:"duration"`  // nanoseconds
	To       string `json:"to"`        // client or server: where the data went
	Before   int    `json:"before"`    // number of the subflow that brought acknowledgements before
	After    int    `json:"after"`     // and after
	Because  string `json:"because"`   // reset, removed, stale or silent: what became of the first
}

// String is the handover in words.
func (h *Handover) String() string {
	return fmt.Sprintf("handover from subflow %d (%s) to %d: no data arrived at the %s for %v",
		h.Before, h.Because, h.After, h.To, time.Duration(h.Duration))
}

// handoverAtLeast is the least time that is one, in nanoseconds: Linux waits longer
// than this before it takes a subflow for lost (TCP's shortest retransmission time).
const handoverAtLeast = 200e6

// handover finds it, nil when there is none.
func (c *Connection) handover(of *connection) *Handover {
	var found *Handover
	for _, from := range [...]side{client, server} {
		stall := c.ToServer.Stall
		if from == server {
			stall = c.ToClient.Stall
		}
		if stall.Before == 0 || stall.After == stall.Before || stall.Duration < handoverAtLeast {
			continue
		}
		because := of.died(from, of.subflows[stall.Before-1], &stall)
		if because == "" || found != nil && found.Duration >= stall.Duration {
			continue
		}
		found = &Handover{
			At: stall.At, Duration: stall.Duration, To: from.other().String(),
			Before: stall.Before, After: stall.After, Because: because,
		}
	}
	return found
}

// died says what became of a subflow in a stall, "" when it brought data or its
// acknowledgement again.
func (c *connection) died(from side, flow *subflow, stall *Stall) string {
	h, end := flow.half(from), stall.At+stall.Duration
	switch within := func(at int64) bool { return at != 0 && at >= stall.At }; {
	case flow.reset != "" && within(flow.endedAt):
		return "reset"
	case within(flow.removedAt):
		return "removed"
	case h.last > end || h.lastAck > end || stall.Duration < staleTrips*h.rtt.usual():
		return ""
	case h.stale.report(&h.rtt, c.last()).Count > 0:
		return "stale"
	}
	return "silent"
}
