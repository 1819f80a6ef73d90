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
	copies  copies
	hash    uint64
	key     tuple // of the segments from the opener
	listed  bool  // among those that are open
	settled bool  // it is known which connection it belongs to

	waits        bool      // nothing has come back yet
	firstFrom    direction // who sent the first segment
	older, newer *subflow

	ends   [2]netip.AddrPort // opener, other
	halves [2]half           // by who sends

	handshake    [3]bool           // SYN, SYN/ACK and ACK were seen, with their MPTCP options
	capables     [2]wire.MPCapable // of the SYN and the SYN/ACK of the initial subflow
	join         join
	faults       []string // options that cannot be read or should not be there, and the like
	backup       [2]bool  // by side: whether it asked the other to use this as a backup only
	reset        string   // why it was reset, "" when it was not
	resetBy      direction
	harmless     bool   // the reset came when all data had been acknowledged
	ended        Ending // how, once it has
	endedAt      int64
	syns         uint64
	opened, last int64  // nanoseconds since 1970
	completed    int64  // when the handshake was, 0: it is not
	removedAt    int64  // when an address of it was taken back, 0: it was not
	first        uint64 // number of its first packet
	packet       uint64 // and of the last one
	idle         Silence
	told         bool // that it is closed
}

// maxDetails bounds how many faults of one kind are described.
const maxDetails = 4

// begin takes the first segment that was seen, from the opener.
func (f *subflow) begin(conn *connection, id int, s *Segment) {
	f.conn, f.id, f.iface = conn, id, s.Interface
	f.ends = [2]netip.AddrPort{s.Src, s.Dst}
	f.opened, f.last = s.Time, s.Time
	if len(conn.subflows) == 1 {
		conn.began = s.Time
	}
}

func (f *subflow) start(conn *connection, id int, syn *Segment) {
	f.begin(conn, id, syn)
	f.handshake[0], f.syns, f.settled = true, 1, conn.inferred == ""
	f.halves[fromOpener].start(syn.Seq, syn.Time)
	f.early(syn)
}

// replaced takes another SYN on the flow's addresses.
func (f *subflow) replaced() {
	f.fault("another SYN on its addresses, while it was open")
	f.ended, f.endedAt = EndReplaced, f.last
}

// repeats reports whether a SYN is the one that opened the flow, sent again.
func (f *subflow) repeats(s *Segment) bool {
	return f.handshake[0] && f.halves[fromOpener].isn-f.halves[fromOpener].shifted == s.Seq
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
func (f *subflow) segment(a *Analyzer, d direction, s *Segment) {
	if gap := s.Time - f.last; gap > f.idle.Duration {
		f.idle = Silence{At: f.last, Duration: gap}
	}
	f.last, f.packet = s.Time, a.packets.Total
	if s.Interface != f.iface {
		f.fault("packets on path " + a.path(s.Interface) + " too")
	}
	half := &f.halves[d]
	if s.Flags&SYN != 0 {
		f.synAck(a, half, s)
	}
	if !f.settled {
		f.settle(a, d, s)
	}
	if s.Flags&ACK != 0 {
		if more, all := f.halves[d.other()].acknowledge(f.conn, s.Ack, s.Time); more {
			f.answered(d.other(), all)
		}
	}
	if f.conn.plain {
		f.tcp(a, d, s)
	} else {
		f.options(a, d, s)
		f.without(a, d, s)
	}
	if s.PayloadLen > 0 && s.Flags&(SYN|RST) == 0 { // What a reset carries is no data.
		f.payload(d, s)
	}
	if s.Flags&(FIN|RST) != 0 {
		f.ending(d, s)
	}
	if s.Flags&(SYN|FIN|RST) != 0 || f.completed == 0 || half.fin || half.lateFIN.seen || f.reset != "" {
		f.progress(d)
	}
}

func (f *subflow) synAck(a *Analyzer, half *half, s *Segment) {
	half.start(s.Seq, s.Time)
	f.answeredEarly(s.Ack)
	half.scale(a.options.shift, s)
	if half.isn != s.Seq {
		f.fault("a SYN/ACK with another number")
	}
}

func (f *subflow) ending(d direction, s *Segment) {
	if s.Flags&FIN != 0 {
		f.halves[d].finish(s)
		if f.conn.plain && f.halves[d].fin {
			f.conn.streams[f.sender(d)].finish(f.halves[d].finAt - behindSYN)
		}
	}
	if s.Flags&RST != 0 && f.reset == "" {
		f.reset, f.resetBy = "reset without a reason", d
	}
}

// progress notes how far the subflow has come.
func (f *subflow) progress(d direction) {
	if f.reset != "" {
		f.harmless = f.conn.finished()
	}
	by := f.sender(d)
	if f.completed == 0 && f.established() {
		f.completed = f.last
		f.note(EventEstablished, by, "")
	}
	if f.told || !f.closed() {
		return
	}
	f.told, f.endedAt = true, f.last
	switch {
	case f.reset == "":
		f.ended = EndFIN
		f.note(EventFIN, by, "")
	case !f.established() && !f.used() && f.handshake[0]:
		f.ended = EndReset
		f.note(EventRefused, by, f.reset)
	default:
		f.ended = EndReset
		f.note(EventReset, by, f.reset)
	}
}
