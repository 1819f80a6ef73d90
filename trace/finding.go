package trace

import (
	"fmt"
	"strings"

	"allroads/wire"
)

// Code names a finding.
type Code string

// The findings: why one path only was used, and signs of middleboxes.
const (
	FoundFallback   Code = "fallback"
	FoundNoJoin     Code = "no_join"
	FoundDenyJoin   Code = "deny_join"
	FoundRefused    Code = "join_refused"
	FoundJoinReset  Code = "join_reset"
	FoundNoAnswer   Code = "join_no_answer"
	FoundNoMPTCP    Code = "join_no_mptcp"
	FoundNoACK      Code = "join_no_ack"
	FoundBackup     Code = "backup"
	FoundJoinedLate Code = "joined_late"
	FoundIdle       Code = "idle"

	SignSequence Code = "middlebox_sequence"
	SignOptions  Code = "middlebox_options"
	SignPayload  Code = "middlebox_payload"
	SignReset    Code = "middlebox_reset"
)

// String is the finding in words.
func (f *Finding) String() string {
	var b strings.Builder
	if f.Subflow != 0 {
		fmt.Fprintf(&b, "subflow %d ", f.Subflow)
	}
	b.WriteString(f.words())
	if f.Packet != 0 {
		fmt.Fprintf(&b, " (packet %d)", f.Packet)
	}
	return b.String()
}

func (f *Finding) words() string {
	switch f.Code {
	case FoundFallback:
		return (&Fallback{Cause: Cause(f.Detail), By: f.By}).String()
	case FoundNoJoin:
		return "no MP_JOIN was seen"
	case FoundDenyJoin:
		return "the " + f.By + " asked for no joins to the address and port of the first subflow"
	case FoundRefused:
		return "was refused by the " + f.By + ": " + f.Detail
	case FoundJoinReset:
		return "was refused by the " + f.By + " right after its handshake: " + f.Detail
	case FoundNoAnswer:
		return "had no answer to its SYN"
	case FoundNoMPTCP:
		return "had an answer without MP_JOIN"
	case FoundNoACK:
		return "was never confirmed: no third packet with MP_JOIN"
	case FoundBackup:
		return "is a backup, as the " + f.By + " asked"
	case FoundJoinedLate:
		return "was established when all data had been sent"
	case FoundIdle:
		return "was there and carried nothing"
	case SignSequence:
		return "has data at other numbers than its mappings from the " + f.By + " say, as if sequence numbers were rewritten on the way"
	case SignOptions:
		return "has no MPTCP options from the " + f.By + " after the handshake, as if they, or those of the other side before, were taken out on the way"
	case SignPayload:
		return "has payload from the " + f.By + " that its DSS checksum does not fit, as if it was changed on the way"
	case SignReset:
		return "was reset by the " + f.By + " because of a middlebox, as it says"
	}
	return string(f.Code)
}

// unused says why other paths than one carried nothing.
func (c *connection) unused(out *Connection) {
	end := &out.Conclusion
	if len(c.subflows) == 1 {
		if c.inferred != "" {
			return // What came before is not known.
		}
		end.find(Finding{Code: FoundNoJoin})
		for of, m := range c.subflows[0].capables {
			if c.version > wire.V0 && m.Flags&wire.DenyJoin != 0 {
				end.find(Finding{Code: FoundDenyJoin, By: c.subflows[0].sender(direction(of)).String()})
			}
		}
		return
	}
	last := max(out.ToServer.Last, out.ToClient.Last)
	for i := range out.Subflows {
		flow := &out.Subflows[i]
		if flow.Total() > 0 {
			continue
		}
		found := flow.Unused()
		if flow.Outcome == OutcomeEstablished && found.Code != FoundJoinReset && c.subflows[i].completed > last {
			found = Finding{Code: FoundJoinedLate, Subflow: flow.ID}
		}
		end.find(found)
	}
}

// Unused says why a subflow carried nothing, as far as it tells by itself.
func (s *Subflow) Unused() Finding {
	found := Finding{Subflow: s.ID, Code: FoundIdle}
	switch {
	case s.Outcome == OutcomeRefused:
		found.Code, found.By, found.Detail = FoundRefused, s.ResetBy, s.Reset
	case s.Outcome == OutcomeNoAnswer:
		found.Code = FoundNoAnswer
	case s.Outcome == OutcomePlain:
		found.Code = FoundNoMPTCP
	case s.Outcome == OutcomeNoACK:
		found.Code = FoundNoACK
	case s.Outcome != OutcomeEstablished:
	case s.Ended == EndReset && s.ResetBy != s.OpenedBy:
		// Linux lets the handshake come to its end before it refuses what is beyond
		// its limits.
		found.Code, found.By, found.Detail = FoundJoinReset, s.ResetBy, s.Reset
	case s.ClientBackup:
		found.Code, found.By = FoundBackup, client.String()
	case s.ServerBackup:
		found.Code, found.By = FoundBackup, server.String()
	}
	return found
}
