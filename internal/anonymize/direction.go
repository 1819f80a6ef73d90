package anonymize

import (
	"encoding/binary"
	"net/netip"

	"allroads/trace"
)

// direction is what is added to the numbers of one direction of a flow, so that
// their differences stay. It depends on the ends alone, so that it is the same in
// every file and for every flow between them.
type direction struct {
	seq, timestamp uint32
	salt           uint64
	near           uint64 // a recent data sequence number of 64 bits, when the key is not known
	hasNear        bool
}

// directions are remembered for speed, and for numbers of 32 bits.
type directions struct {
	secret *secret
	known  map[[2]netip.AddrPort]*direction
}

func (d *directions) between(from, to netip.AddrPort) *direction {
	name := [2]netip.AddrPort{from, to}
	if known, ok := d.known[name]; ok {
		return known
	}
	if len(d.known) >= maxKnown {
		clear(d.known)
	}
	one := d.derive(from, to)
	d.known[name] = one
	return one
}

func (d *directions) derive(from, to netip.AddrPort) *direction {
	var text []byte
	for _, end := range [...]netip.AddrPort{from, to} {
		b := end.Addr().As16()
		text = append(text, byte(end.Addr().BitLen()))
		text = append(text, b[:]...)
		text = binary.BigEndian.AppendUint16(text, end.Port())
	}
	sum := d.secret.digest(forFlow, text)
	return &direction{
		seq:       binary.BigEndian.Uint32(sum[:]),
		timestamp: binary.BigEndian.Uint32(sum[4:]),
		salt:      binary.BigEndian.Uint64(sum[8:]),
	}
}

// of returns the direction of a segment and the opposite one.
func (d *directions) of(s *trace.Segment) (from, back *direction) {
	return d.between(s.Src, s.Dst), d.between(s.Dst, s.Src)
}
