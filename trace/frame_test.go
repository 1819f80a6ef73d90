package trace_test

import (
	"encoding/binary"
	"net/netip"

	"allroads/trace"
)

// frame builds an Ethernet frame with a TCP segment. options are padded to
// words with no-operations.
func frame(src, dst netip.AddrPort, seq, ack uint32, flags trace.TCPFlags, options, payload []byte) []byte {
	for len(options)%4 != 0 {
		options = append(options, 1)
	}
	length := 20 + len(options) + len(payload)
	b := make([]byte, 12, 128)
	if src.Addr().Is4() {
		b = binary.BigEndian.AppendUint16(b, 0x0800)
		b = append(b, 0x45, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(20+length))
		b = append(b, 0, 0, 0, 0, 64, 6, 0, 0)
	} else {
		b = binary.BigEndian.AppendUint16(b, 0x86dd)
		b = append(b, 0x60, 0, 0, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(length))
		b = append(b, 6, 64)
	}
	b = append(b, src.Addr().AsSlice()...)
	b = append(b, dst.Addr().AsSlice()...)
	b = binary.BigEndian.AppendUint16(b, src.Port())
	b = binary.BigEndian.AppendUint16(b, dst.Port())
	b = binary.BigEndian.AppendUint32(b, seq)
	b = binary.BigEndian.AppendUint32(b, ack)
	b = append(b, byte((20+len(options))/4)<<4, byte(flags), 0xff, 0xff, 0, 0, 0, 0)
	b = append(b, options...)
	return append(b, payload...)
}

// script writes the packets of connections by hand.
type script struct {
	packets []trace.Packet
	iface   int
	late    int64 // nanoseconds that all that follows is later
}

func (s *script) send(src, dst netip.AddrPort, seq, ack uint32, flags trace.TCPFlags, options, payload []byte) {
	data := frame(src, dst, seq, ack, flags, options, payload)
	s.packets = append(s.packets, trace.Packet{
		Time: int64(len(s.packets)+1)*1e6 + s.late, Interface: s.iface, Length: len(data), Data: data,
	})
}
