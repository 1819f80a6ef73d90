package bothends

import (
	"bytes"
	"errors"
	"io"
	"net/netip"

	"allroads/trace"
)

// Source is a capture, such as *trace.File.
type Source interface {
	// Next reads the next packet, whose data is valid until the call after. The
	// error is io.EOF at a clean end; any other is the end, too, and reported.
	Next(*trace.Packet) error
}

// tap is where one of the captures was made.
type tap struct {
	number  int // 0 or 1
	source  Source
	packet  trace.Packet // the next one
	ended   bool
	damage  error
	counts  Capture
	flows   map[tuple]*flow
	last    *flow // of the packet before
	index   map[uint64]sighting
	waiting int // packets of flows that are in this capture only, up to now
	oldest  *flow
	newest  *flow // of those
	loose   int   // packets of matched flows that wait for the other capture's
}

// tuple is a flow's addresses and ports, the lower end first.
type tuple struct {
	a, b [18]byte
	six  bool
}

func address(a netip.AddrPort) (b [18]byte) {
	ip := a.Addr().As16()
	copy(b[:], ip[:])
	b[16], b[17] = byte(a.Port()>>8), byte(a.Port())
	return b
}

// tupleOf also tells which way the segment goes: 0 is from the lower end.
func tupleOf(s *trace.Segment) (t tuple, way int) {
	t = tuple{a: address(s.Src), b: address(s.Dst), six: s.Src.Addr().Is6()}
	if bytes.Compare(t.a[:], t.b[:]) > 0 {
		t.a, t.b, way = t.b, t.a, 1
	}
	return t, way
}

func (t *tuple) end(which int) netip.AddrPort {
	b := [2][18]byte{t.a, t.b}[which]
	ip := netip.AddrFrom16([16]byte(b[:16]))
	if !t.six {
		ip = ip.Unmap()
	}
	return netip.AddrPortFrom(ip, uint16(b[16])<<8|uint16(b[17]))
}

// read gets the next packet.
func (t *tap) read() {
	err := t.source.Next(&t.packet)
	if err != nil {
		t.ended = true
		if !errors.Is(err, io.EOF) {
			t.damage = err
		}
		return
	}
	t.counts.Packets++
	if t.counts.Packets == 1 {
		t.counts.First = t.packet.Time
	}
	t.counts.Last = max(t.counts.Last, t.packet.Time)
}

// decode counts what is no TCP segment that can be read.
func (t *tap) decode(s *trace.Segment) bool {
	if err := s.Decode(&t.packet); err != nil {
		t.counts.Other++
		return false
	}
	return true
}
