package trace

import (
	"fmt"

	"allroads/wire"
)

// checks of a subflow, added to a list.
func (f *subflow) checks(checks []Check) []Check {
	checks = append(checks, f.handshakeCheck())
	if !f.initial {
		checks = append(checks, f.tokenCheck(),
			f.hmacCheck("hmac_syn_ack", f.join.hasSynAck, f.join.canSynAck, f.join.synAck.HMAC[:8], f.join.synAckHMAC[:8]),
			f.hmacCheck("hmac_ack", f.join.hasAck, f.join.canAckHMAC, f.join.ack.HMAC[:], f.join.ackHMAC[:]))
	}
	if len(f.faults) > 0 {
		checks = append(checks, checkOf("packets", f.faults, ""))
	}
	if f.reset != "" {
		checks = append(checks, f.resetCheck())
	}
	return checks
}

func (f *subflow) handshakeCheck() Check {
	if !f.handshake[0] && f.conn.inferred != "" {
		return Check{"handshake", Unknown, notCaptured}
	}
	var wrong, missing []string
	for i, name := range [...]string{"SYN", "SYN/ACK", "ACK"} {
		switch {
		case f.handshake[i]:
		case i == 1 && f.halves[fromOther].started && !f.halves[fromOther].signs.cut: // It was seen without.
			wrong = append(wrong, "no "+f.handshakeOption().String()+" in the "+name)
		default:
			missing = append(missing, "no "+name+" with "+f.handshakeOption().String()+" was seen")
		}
	}
	return judged("handshake", wrong, missing, f.conn.say("SYN, SYN/ACK and ACK with %s", f.handshakeOption()))
}

func (f *subflow) handshakeOption() wire.Subtype {
	if f.initial {
		return wire.SubtypeMPCapable
	}
	return wire.SubtypeMPJoin
}

// resetCheck: a reset is harmless once both sides have all data; a host that has
// forgotten the subflow by then answers what comes late with one.
func (f *subflow) resetCheck() Check {
	if f.harmless {
		return Check{"reset", OK, f.reset + ", when all data had been acknowledged"}
	}
	return Check{"reset", Bad, f.reset}
}

// tokenCheck says how the subflow was found: an MP_JOIN with another token is of
// no connection at all, and listed among the orphans.
func (f *subflow) tokenCheck() Check {
	if f.conn.inferred != "" {
		return Check{"token", Unknown, "the key that it is made of was not seen"}
	}
	if f.conn.brief { // What is given to say would be allocated.
		return Check{"token", OK, ""}
	}
	return Check{"token", OK, f.conn.say("0x%v, from the %s's key", f.join.syn.Token, f.opener.other())}
}

func (f *subflow) hmacCheck(name string, seen, can bool, got, want []byte) Check {
	switch {
	case !seen:
		return Check{name, Unknown, "the packet that has it was not seen"}
	case !can:
		return Check{name, Unknown, "a key or nonce that it is made of was not seen"}
	case f.conn.brief && string(got) == string(want):
		return Check{name, OK, ""}
	case string(got) != string(want):
		return Check{name, Bad, fmt.Sprintf("0x%x is in the packet, the keys and nonces give 0x%x", got, want)}
	}
	return Check{name, OK, f.conn.say("0x%x, from both keys and nonces", want)}
}
