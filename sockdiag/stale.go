package sockdiag

import (
	"time"

	"allroads/mptcp"
)

// Stale infers whether the kernel takes a subflow, by its place in Subflows, for
// stale: it then sends nothing new on it before something is acknowledged there.
// lossCount is the sysctl net.mptcp.stale_loss_cnt, 4 as a rule; 0 switches that
// off.
//
// The kernel does not tell. By mptcp_pm_subflow_chk_stale in net/mptcp/pm.c it is so
// when data waits on the subflow, MPTCP's retransmission time-out has passed more
// than lossCount times without any acknowledgement, and another subflow does better.
// That time-out is about TCP's before it was doubled, so Stale can be ahead of the
// kernel, or behind it, by one or two of these.
func (c *Connection) Stale(subflow, lossCount int) bool {
	if lossCount <= 0 || !c.Subflows[subflow].silent(lossCount+1) {
		return false
	}
	for i := range c.Subflows {
		other := &c.Subflows[i]
		if i != subflow && other.State == mptcp.StateEstablished && !other.silent(max(lossCount-1, 1)) {
			return true
		}
	}
	return false
}

// silent reports whether data has waited for an acknowledgement for so many
// time-outs of TCP, as they are before the first of them passes: each doubles the
// next.
func (s *Subflow) silent(timeouts int) bool {
	first := s.TCP.RTO >> min(s.TCP.Timeouts, 63)
	return s.TCP.Unacked > 0 && s.TCP.Timeouts > 0 && s.TCP.AckReceived >= time.Duration(timeouts)*first
}
