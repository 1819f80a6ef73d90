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

	handshake    [3]bool           // SYN, SYN/ACK and ACK were seen, with their MPTCP options
	capables     [2]wire.MPCapable // of the SYN and the SYN/ACK of the initial subflow
	join         join
	faults       []string // options that cannot be read or should not be there, and the like
	backup       [2]bool  // by side: whether it asked the other to use this as a backup only
	reset        string   // why it was reset, "" when it was not
	harmless     bool     // the reset came when all data had been acknowledged
	opened, last int64    // nanoseconds since 1970
	packet       uint64   // number of the last one
	told         struct{ established, closed bool }
}

// maxDetails bounds how many faults of one kind are described.
const maxDetails = 4

func (f *subflow) start(conn *connection, id int, syn *Segment) {
	f.conn, f.id, f.iface = conn, id, syn.Interface
	f.ends = [2]netip.AddrPort{syn.Src, syn.Dst}
	f.opened, f.last = syn.Time, syn.Time
	f.handshake[0] = true
	f.halves[fromOpener].start(syn.Seq, syn.Time)
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

// half is the direction in which a side sends.
func (f *subflow) half(from side) *half {
	if f.opener == from {
		return &f.halves[fromOpener]
	}
	return &f.halves[fromOther]
}

// established reports whether the handshake was seen in full.
func (f *subflow) established() bool {
	return f.handshake == [3]bool{true, true, true}
}

// closed reports whether nothing can come any more: both ends have the other's
// FIN, or one has reset the flow.
func (f *subflow) closed() bool {
	return f.reset != "" || f.halves[fromOpener].closed() && f.halves[fromOther].closed()
}

// fault takes note of something that should not be.
func (f *subflow) fault(what string) {
	if len(f.faults) < maxDetails {
		f.faults = append(f.faults, what)
	}
}

// malformed takes note of an option that cannot be read.
func (f *subflow) malformed(err error) bool {
	if err != nil {
		f.fault(err.Error())
	}
	return err != nil
}

// segment takes the flow's next segment, other than its SYN.
func (f *subflow) segment(a *Analyzer, s *Segment) {
	f.last, f.packet = s.Time, a.packets.Total
	if s.Interface != f.iface {
		f.fault("packets on path " + a.path(s.Interface) + " too")
	}
	d := fromOpener
	if s.Src == f.ends[1] {
		d = fromOther
	}
	half := &f.halves[d]
	if s.Flags&SYN != 0 {
		half.start(s.Seq, s.Time)
		if half.isn != s.Seq {
			f.fault("a SYN/ACK with another number")
		}
	}
	if s.Flags&ACK != 0 {
		f.halves[d.other()].acknowledge(s.Ack, s.Time)
	}
	f.options(a, d, s)
	f.without(d, s)
	if s.Flags&RST == 0 { // What a reset carries is no data.
		f.payload(d, s)
	}
	if s.Flags&FIN != 0 {
		half.finish(s)
	}
	if s.Flags&RST != 0 && f.reset == "" {
		f.reset = "reset without a reason"
	}
	if f.reset != "" {
		f.harmless = f.conn.finished()
	}
	f.progress(d)
}

// progress notes how far the subflow has come.
func (f *subflow) progress(d direction) {
	by := f.sender(d)
	if !f.told.established && f.established() {
		f.told.established = true
		f.note(EventEstablished, by, "")
	}
	if !f.told.closed && f.closed() {
		f.told.closed = true
		if f.reset != "" {
			f.note(EventReset, by, f.reset)
		} else {
			f.note(EventFIN, by, "")
		}
	}
}

func (f *subflow) options(a *Analyzer, d direction, s *Segment) {
	opts := options(s)
	for opts.next() {
		f.option(a, d, s, opts.option)
	}
	if !s.OptionsCut {
		f.malformed(opts.err)
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
	case wire.SubtypeAddAddr:
		f.announced(d, option)
	case wire.SubtypeMPFastClose:
		f.aborted(f.sender(d), option)
	case wire.SubtypeMPFail:
		f.failed(f.sender(d), option)
	case wire.SubtypeMPTCPRst:
		var m wire.MPTCPRst
		if !f.malformed(wire.ParseMPTCPRst(option, &m)) {
			f.reset = m.Reason.String()
		}
	case wire.SubtypeRemoveAddr:
		f.removed(f.sender(d), option)
	case wire.SubtypeMPPrio:
		f.prioritized(f.sender(d), option)
	case wire.SubtypeExperimental: // Nothing follows from it, but it has to be readable.
		_, err := option.Decode()
		f.malformed(err)
	default:
		f.fault("an option of " + option.Subtype().String() + ", which has no meaning")
	}
}

// announced takes an ADD_ADDR, whose HMAC shows that the peer sent it (RFC 8684,
// section 3.4.1). Version 0 and echoes have none.
func (f *subflow) announced(d direction, option wire.Option) {
	var m wire.AddAddr
	if f.malformed(wire.ParseAddAddr(option, &m)) {
		return
	}
	from := f.sender(d)
	if m.Echo {
		f.note(EventEcho, from, m.String())
		return
	}
	f.note(EventAddAddr, from, m.String())
	local, remote := f.conn.keys[from], f.conn.keys[from.other()]
	switch {
	case m.Version != f.conn.version:
		f.fault("an ADD_ADDR of version " + m.Version.String())
		return
	case !m.HasHMAC:
		return
	case !local.known || !remote.known:
		f.fault("an ADD_ADDR before both keys were known")
		return
	}
	if want := wire.AddAddrHMAC(local.key, remote.key, m.AddressID, m.Addr, m.Port); m.HMAC != want {
		f.fault("the HMAC of an ADD_ADDR is not what the keys give")
	}
}
