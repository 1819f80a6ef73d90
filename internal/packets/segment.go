package packets

import (
	"encoding/hex"
	"strconv"

	"allroads/trace"
)

func appendNumber(b []byte, label string, v uint64) []byte {
	return strconv.AppendUint(append(b, label...), v, 10)
}

// appendBytes writes bytes as they are.
func appendBytes(b []byte, label string, raw []byte) []byte {
	return hex.AppendEncode(append(append(b, label...), "0x"...), raw)
}

func (p *Printer) appendSegment(b []byte, s *trace.Segment) []byte {
	flow, from := p.flows.of(s)
	b = appendAround(b, s)
	b = s.Src.AppendTo(b)
	b = s.Dst.AppendTo(append(b, " > "...))
	b = p.appendFlags(append(b, ' '), s.Flags)
	b = appendNumber(b, " seq ", uint64(p.relative(flow, from, s.Seq)))
	if s.Flags&trace.ACK != 0 {
		b = appendNumber(b, " ack ", uint64(p.relative(flow, 1-from, s.Ack)))
	}
	b = appendNumber(b, " win ", uint64(s.Window))
	b = appendNumber(b, " len ", uint64(s.PayloadLen))
	if s.Fragment {
		b = append(b, " first fragment"...)
	}
	b = p.appendTCPOptions(b, s, flow, from)
	return p.appendMPTCP(b, flow)
}

// appendAround writes what the segment was in.
func appendAround(b []byte, s *trace.Segment) []byte {
	if s.Device != 0 {
		b = append(appendNumber(b, "ifindex ", uint64(s.Device)), ' ')
	}
	if s.VLAN != 0 {
		b = append(appendNumber(b, "vlan ", uint64(s.VLAN)), ' ')
	}
	switch s.Tunnel {
	case 0:
		return b
	case 47:
		return append(b, "GRE "...)
	}
	return append(b, "IP-in-IP "...)
}

// appendFlags writes the control bits with the letters that
// [trace.TCPFlags.String] has.
func (p *Printer) appendFlags(b []byte, flags trace.TCPFlags) []byte {
	if flags&trace.RST != 0 {
		b = p.paint(b, red)
	}
	b = append(b, '[')
	for i := range 8 {
		if flags&(1<<i) != 0 {
			b = append(b, "FSRP.UEW"[i])
		}
	}
	if flags == 0 {
		b = append(b, "none"...)
	}
	b = append(b, ']')
	if flags&trace.RST != 0 {
		b = p.plain(b)
	}
	return b
}

// relative is a sequence number as it is to be printed, of what one side of the
// flow sends.
func (p *Printer) relative(f *flow, side int, number uint32) uint32 {
	if f == nil || !f.started[side] || f.several || p.o.Numbers == AbsoluteNumbers {
		return number
	}
	return number - f.isn[side]
}
