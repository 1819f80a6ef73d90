package live

import "allroads/sockdiag"

// share fills in which part of all bytes each subflow carried.
func share(c *Connection, numbers *chunk[float64]) {
	var all uint64
	for i := range c.Subflows {
		all += countsOf(&c.Subflows[i]).sum()
	}
	// What else has arrived did so on subflows that are gone.
	if t := c.Info.Traffic; t != nil && !c.Info.Fallback {
		all = max(all, t.BytesAcked+t.BytesReceived)
	}
	for i := range c.Subflows {
		c.Paths[i].Share = part(numbers, countsOf(&c.Subflows[i]).sum(), all)
	}
}

func part(numbers *chunk[float64], of, all uint64) *float64 {
	if all == 0 {
		return nil
	}
	return numbers.of(float64(of) / float64(all))
}

// staleTimeouts is how often in a row the retransmission time-out of a stale
// subflow has passed.
const staleTimeouts = 2

// isStale infers that a path does not answer: data waits for an acknowledgement,
// and the retransmission time-out has passed twice in a row. The kernel's own mark
// of that name (mptcp_pm_subflow_chk_stale of net/mptcp/pm.c) is not told. It
// follows from MPTCP's own retransmissions: while there is much to send it comes
// sooner, else it may never come.
func isStale(f *sockdiag.Subflow) bool {
	return f.TCP.Timeouts >= staleTimeouts && f.TCP.Unacked > 0
}
