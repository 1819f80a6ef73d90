package anonymize

import "encoding/binary"

// What a GRE header says in its first two bytes (RFC 2784, RFC 2890).
const (
	greChecksum   = 0x8000
	greKey        = 0x2000
	greSequence   = 0x1000
	etherBridging = 0x6558 // an Ethernet frame
)

// gre adds a GRE header and what is in it. The key is replaced, sequence numbers are
// moved, and the checksum is right for a payload that is all zero.
func (r *rewriter) gre(b []byte, wire int) bool {
	if len(b) < 4 {
		return false
	}
	start, size := len(r.out), 4
	flags, etherType := binary.BigEndian.Uint16(b)&(greChecksum|greKey|greSequence), binary.BigEndian.Uint16(b[2:])
	r.out = binary.BigEndian.AppendUint16(r.out, flags)
	r.out = append(r.out, b[2:4]...)
	for _, field := range [...]uint16{greChecksum, greKey, greSequence} {
		if flags&field == 0 {
			continue
		}
		if len(b) < size+4 {
			return false
		}
		r.out = binary.BigEndian.AppendUint32(r.out, r.greField(field, binary.BigEndian.Uint32(b[size:])))
		size += 4
	}
	b, wire = b[size:], wire-size
	understood := false
	if etherType == etherBridging {
		understood = r.ethernet(b, wire)
	} else {
		understood = r.network(etherType, b, wire)
	}
	if understood && flags&greChecksum != 0 {
		binary.BigEndian.PutUint16(r.out[start+4:], finish(add(0, r.out[start:])))
	}
	return understood
}

func (r *rewriter) greField(field uint16, value uint32) uint32 {
	switch field {
	case greKey:
		return uint32(r.secret.number(forTunnel, uint64(value), 1))
	case greSequence:
		return value + uint32(r.secret.number(forTunnel, 0, 0))
	}
	return 0
}
