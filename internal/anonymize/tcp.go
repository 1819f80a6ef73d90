package anonymize

import (
	"encoding/binary"

	"allroads/trace"
	"allroads/wire"
)

const tcpHeader = 20 // bytes without options

// tcp adds the header of the segment and leaves its payload away. length is of both
// by the IP header. The checksum is right for a payload that is all zero.
func (r *rewriter) tcp(b []byte, length int) bool {
	if len(b) < tcpHeader {
		return false
	}
	s, start := &r.segment, len(r.out)
	r.out = binary.BigEndian.AppendUint16(r.out, r.numbers.port(s.Src.Port()))
	r.out = binary.BigEndian.AppendUint16(r.out, r.numbers.port(s.Dst.Port()))
	r.out = binary.BigEndian.AppendUint32(r.out, s.Seq+r.from.seq)
	ack, urgent := uint32(0), uint16(0)
	if s.Flags&trace.ACK != 0 {
		ack = s.Ack + r.back.seq
	}
	if s.Flags&trace.URG != 0 {
		urgent = binary.BigEndian.Uint16(b[18:])
	}
	r.out = binary.BigEndian.AppendUint32(r.out, ack)
	const accurateECN = 1 // RFC 9768
	r.out = append(r.out, b[12]&(0xf0|accurateECN), byte(s.Flags))
	r.out = binary.BigEndian.AppendUint16(r.out, s.Window)
	r.out = append(r.out, 0, 0)
	r.out = binary.BigEndian.AppendUint16(r.out, urgent)
	r.options(s.Options)
	r.tcpChecksum(start, length)
	return true
}

func (r *rewriter) tcpChecksum(start, length int) {
	// Of the address of IPv4 in 16 bytes, those before it are none or one's complement
	// zero, 0xffff.
	src, dst := r.addresses.replace(r.segment.Src.Addr()).As16(), r.addresses.replace(r.segment.Dst.Addr()).As16()
	sum := add(add(0, src[:]), dst[:])
	sum += uint32(length>>16) + uint32(length&0xffff) + protocolTCP
	binary.BigEndian.PutUint16(r.out[start+16:], finish(add(sum, r.out[start:])))
}

// TCP option kinds (IANA). The last is for experiments (RFC 4727).
const (
	optionEnd         = 0
	optionNOP         = 1
	optionMSS         = 2
	optionWindowScale = 3
	optionSACKAllowed = 4
	optionSACK        = 5
	optionTimestamps  = 8
	optionExperiment  = 253
)

// options adds what stands for the segment's options, all those that are there as a
// whole. What cannot be read, still cannot be.
func (r *rewriter) options(b []byte) {
	for len(b) > 0 {
		switch {
		case b[0] == optionEnd:
			r.out = append(r.out, make([]byte, len(b))...)
			return
		case b[0] == optionNOP:
			r.out = append(r.out, optionNOP)
			b = b[1:]
			continue
		case len(b) < 2 || b[1] < 2 || int(b[1]) > len(b):
			r.broken(len(b))
			return
		}
		r.option(b[:b[1]])
		b = b[b[1]:]
	}
}

// broken ends the options with one whose length is wrong, unless the reason is that
// they were cut off.
func (r *rewriter) broken(left int) {
	if r.segment.OptionsCut {
		return
	}
	r.out = append(r.out, optionExperiment)
	if left > 1 {
		r.out = append(append(r.out, 0xff), make([]byte, left-2)...)
	}
}

// option adds what stands for one of at least two bytes. What is not known, or not
// as it should be, becomes no operation.
func (r *rewriter) option(b []byte) {
	switch {
	case b[0] == wire.OptionKind && len(b) > 2:
		r.mptcp(wire.Option(b))
	case b[0] == wire.OptionKind: // Readers stop here.
		r.out = append(r.out, wire.OptionKind, 2)
	case b[0] == optionMSS && len(b) == 4, b[0] == optionWindowScale && len(b) == 3, b[0] == optionSACKAllowed && len(b) == 2:
		r.out = append(r.out, b...)
	case b[0] == optionTimestamps && len(b) == 10:
		r.timestamps(b)
	case b[0] == optionSACK && len(b) > 2 && len(b)%8 == 2:
		r.out = append(r.out, b[:2]...)
		for b = b[2:]; len(b) > 0; b = b[4:] {
			r.out = binary.BigEndian.AppendUint32(r.out, binary.BigEndian.Uint32(b)+r.back.seq)
		}
	default:
		for range b {
			r.out = append(r.out, optionNOP)
		}
	}
}

// timestamps moves both, so that differences stay. The echo counts with ACK only
// (RFC 7323, section 3.2).
func (r *rewriter) timestamps(b []byte) {
	r.out = append(r.out, b[:2]...)
	r.out = binary.BigEndian.AppendUint32(r.out, binary.BigEndian.Uint32(b[2:])+r.from.timestamp)
	echo := uint32(0)
	if r.segment.Flags&trace.ACK != 0 {
		echo = binary.BigEndian.Uint32(b[6:]) + r.back.timestamp
	}
	r.out = binary.BigEndian.AppendUint32(r.out, echo)
}
