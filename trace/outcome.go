package trace

// Outcome says what became of a subflow's handshake.
type Outcome string

// The outcomes.
const (
	OutcomeEstablished Outcome = "established"
	OutcomeRefused     Outcome = "refused"   // reset before it was complete; Reset says why, where that was said
	OutcomeNoAnswer    Outcome = "no_answer" // nothing came back
	OutcomePlain       Outcome = "no_mptcp"  // the SYN/ACK came without MPTCP
	OutcomeNoACK       Outcome = "no_ack"    // a SYN/ACK, and no third packet with MPTCP
	OutcomeUnknown     Outcome = "unknown"   // it was not captured from its SYN on
	OutcomeTCP         Outcome = "tcp"       // established, without MPTCP being asked for
)

// Ending says how a subflow ended.
type Ending string

// The endings; "" is none that was seen.
const (
	EndFIN      Ending = "fin" // each end has the other's FIN
	EndReset    Ending = "reset"
	EndReplaced Ending = "replaced" // another SYN came on its addresses
	EndEvicted  Ending = "evicted"  // it was given up, as it had no answer and many newer ones came
)

// outcome derives the outcome of the handshake.
func (f *subflow) outcome() Outcome {
	answer := f.halves[fromOther].started
	switch {
	case f.conn.plain && f.handshake[0] && answer && f.halves[fromOther].acked+f.halves[fromOpener].acked > 1:
		return OutcomeTCP
	case f.established():
		return OutcomeEstablished
	case !f.handshake[0]:
		return OutcomeUnknown
	case f.reset != "" && !f.used():
		return OutcomeRefused
	case !answer:
		return OutcomeNoAnswer
	case !f.handshake[1]:
		return OutcomePlain
	}
	return OutcomeNoACK
}
