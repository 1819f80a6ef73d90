package trace

// Fallback says why a connection went on as plain TCP (RFC 8684, section 3.7), as
// far as the packets tell.
type Fallback struct {
	Cause  Cause  `json:"cause"`
	By     string `json:"by,omitempty"` // client or server: who sent the packet, or did not send what is missing
	Packet uint64 `json:"packet"`       // number of the packet that shows it, counted from 1 through all given to the analyzer
	Time   int64  `json:"time,string"`  // of that packet, nanoseconds since 1970 UTC
}

// Cause is why a connection fell back.
type Cause string

// The causes.
const (
	CauseSYNACK          Cause = "no_mp_capable_in_syn_ack" // the server does not do MPTCP, or the option was taken out on the way, either way
	CauseSYN             Cause = "syn_without_mp_capable"   // the client tried again without it
	CauseThirdACK        Cause = "no_mp_capable_in_ack"     // nor on the first data: it was taken out on the way to the server
	CauseNoDSS           Cause = "no_dss"                   // data came without a mapping and was taken
	CauseInfiniteMapping Cause = "infinite_mapping"         // said by its sender, as for instance after a wrong checksum
)

// String says it in words: "no MP_CAPABLE in the SYN/ACK".
func (c Cause) String() string {
	switch c {
	case CauseSYNACK:
		return "no MP_CAPABLE in the SYN/ACK"
	case CauseSYN:
		return "the SYN was sent again without MP_CAPABLE"
	case CauseThirdACK:
		return "no MP_CAPABLE in the third packet of the handshake, nor with the first data"
	case CauseNoDSS:
		return "data without a mapping was taken"
	case CauseInfiniteMapping:
		return "infinite mapping"
	}
	return string(c)
}

// String says it in words.
func (f *Fallback) String() string {
	if f.By == "" {
		return f.Cause.String()
	}
	return f.Cause.String() + " by the " + f.By
}

// fellBack takes note of the first sign that a connection is TCP now.
func (f *subflow) fellBack(cause Cause, by side) {
	if f.conn.fallback == nil {
		f.conn.fallback = &Fallback{Cause: cause, By: by.String(), Packet: f.packet, Time: f.last}
		f.note(EventFallback, by, cause.String())
	}
}

// without looks at a segment of the initial subflow for MPTCP that should be there.
func (f *subflow) without(a *Analyzer, d direction, s *Segment) {
	switch {
	case !f.initial || !f.handshake[0] || f.conn.fallback != nil || s.OptionsCut:
	case s.Flags&(SYN|ACK) == SYN|ACK && d == fromOther && !f.handshake[1]:
		f.fellBack(CauseSYNACK, server)
	case s.PayloadLen > 0 && d == fromOpener && f.handshake[1] && !f.handshake[2] && s.Flags&(SYN|RST) == 0:
		f.unconfirmed(a, s)
	}
}

// unconfirmed takes the client's data before MPTCP was confirmed: without an option
// of its own it ends it (RFC 8684, section 3.1).
func (f *subflow) unconfirmed(a *Analyzer, s *Segment) {
	if a.options.count == 0 && f.halves[fromOpener].relative(s.Seq) == 1 {
		f.fellBack(CauseThirdACK, client)
	}
}

// taken finds out whether a connection of one subflow is TCP by what was taken:
// payload that has no mapping, and that the other end has.
func (c *connection) taken() *Fallback {
	if c.fallback != nil || len(c.subflows) != 1 || !c.subflows[0].initial || !c.subflows[0].established() {
		return c.fallback
	}
	for _, from := range []side{client, server} {
		h := c.subflows[0].half(from)
		if c.inferred == "" && h.unmappedTaken() && !h.signs.cut {
			return &Fallback{Cause: CauseNoDSS, By: from.String(), Packet: h.bare.packet, Time: h.bare.at}
		}
	}
	return nil
}

// unmappedTaken reports whether the other end has payload without a mapping, and none
// has come since: where one has, that of the payload was not captured, since nobody goes
// back to MPTCP.
func (h *half) unmappedTaken() bool {
	if len(h.missing) == 0 || h.acked <= h.missing[0].lo || h.missing.count() <= maxProbe {
		return false
	}
	last := h.maps.last()
	return last == nil || last.ssn < h.missing[0].lo
}

// maxProbe is how many bytes a probe of a closed window has, which has no mapping.
const maxProbe = 1
