package trace

import (
	"net/netip"

	"allroads/wire"
)

// direction is who sends on a subflow: the end that opened it, or the other.
type direction uint8

const (
	fromOpener direction = iota
	fromOther
)

func (d direction) other() direction { return 1 - d }

// subflow is a TCP flow of a connection.
type subflow struct {
	conn    *connection
	id      int
	initial bool
	opener  side
	iface   int
	ends    [2]netip.AddrPort // opener, other
	halves  [2]half           // by who sends

	handshake [3]bool // SYN, SYN/ACK and ACK were seen, with their MPTCP options
	join      struct {
		syn, synAck, ack     wire.MPJoin
		hasSynAck, hasAck    bool
		synAckHMAC, ackHMAC  [20]byte // what the keys and nonces make of them
		canSynAck, canAckMAC bool     // the keys were known by then
	}
	faults            []string // options that cannot be read or should not be there
	retransmittedSYNs int
	reset             string // why it was reset, "" when it was not
	opened, last      int64  // nanoseconds since 1970
}

func newSubflow(conn *connection, id int, syn *Segment) *subflow {
	f := &subflow{
		conn: conn, id: id, iface: syn.Interface,
		ends:   [2]netip.AddrPort{syn.Src, syn.Dst},
		opened: syn.Time, last: syn.Time,
	}
	f.handshake[0] = true
	f.halves[fromOpener].start(syn.Seq)
	return f
}

// repeats reports whether a SYN is the one that opened the flow, sent again.
func (f *subflow) repeats(s *Segment) bool {
	return s.Src == f.ends[0] && f.halves[fromOpener].isn == s.Seq
}

// sender is the side of the connection that sends in a direction.
func (f *subflow) sender(d direction) side {
	if d == fromOpener {
		return f.opener
	}
	return f.opener.other()
}

// established reports whether the handshake was seen in full.
func (f *subflow) established() bool {
	return f.handshake == [3]bool{true, true, true}
}

// closed reports whether both ends have said that they will send no more.
func (f *subflow) closed() bool {
	return f.reset != "" || f.halves[fromOpener].fin && f.halves[fromOther].fin
}

// segment takes the flow's next segment, other than its SYN.
func (f *subflow) segment(a *Analyzer, s *Segment) {
	f.last = s.Time
	d := fromOpener
	if s.Src == f.ends[1] {
		d = fromOther
	}
	half := &f.halves[d]
	if s.Flags&SYN != 0 {
		half.start(s.Seq)
	}
	if s.Flags&ACK != 0 {
		f.halves[d.other()].acknowledge(s.Ack)
	}
	if s.Flags&RST != 0 && f.reset == "" {
		f.reset = "reset without a reason"
	}
	opts := options(s)
	for opts.next() {
		f.option(a, d, s, opts.option)
	}
	if !s.OptionsCut {
		f.malformed(opts.err)
	}
	f.payload(d, s)
	if s.Flags&FIN != 0 && half.started {
		half.fin = true
		half.finAt = half.relative(s.Seq) + uint64(s.PayloadLen)
	}
}

// option takes one MPTCP option of a segment.
func (f *subflow) option(a *Analyzer, d direction, s *Segment, option wire.Option) {
	switch option.Subtype() {
	case wire.SubtypeMPCapable:
		f.capable(a, d, s, option)
	case wire.SubtypeMPJoin:
		f.joined(d, s, option)
	case wire.SubtypeDSS:
		f.dss(d, option)
	case wire.SubtypeMPFastClose:
		var m wire.MPFastClose
		if !f.malformed(wire.ParseMPFastClose(option, &m)) {
			f.conn.aborted = "MP_FASTCLOSE by the " + f.sender(d).String()
		}
	case wire.SubtypeMPFail:
		var m wire.MPFail
		if !f.malformed(wire.ParseMPFail(option, &m)) {
			f.conn.failed = "MP_FAIL by the " + f.sender(d).String()
		}
	case wire.SubtypeMPTCPRst:
		var m wire.MPTCPRst
		if !f.malformed(wire.ParseMPTCPRst(option, &m)) {
			f.reset = m.Reason.String()
		}
	case wire.SubtypeAddAddr, wire.SubtypeRemoveAddr, wire.SubtypeMPPrio, wire.SubtypeExperimental:
		// Nothing follows from these yet, but they have to be readable.
		_, err := option.Decode()
		f.malformed(err)
	default:
		f.fault("an option of " + option.Subtype().String() + ", which has no meaning")
	}
}

// maxDetails bounds how many faults of one kind are described.
const maxDetails = 4

// malformed takes note of an option that cannot be read.
func (f *subflow) malformed(err error) bool {
	if err != nil {
		f.fault(err.Error())
	}
	return err != nil
}

// fault takes note of an option that should not be there.
func (f *subflow) fault(what string) {
	if len(f.faults) < maxDetails {
		f.faults = append(f.faults, what)
	}
}
