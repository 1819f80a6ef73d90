package packets_test

import (
	"encoding/binary"
	"net/netip"

	"allroads/trace"
	"allroads/wire"
)

var (
	client  = netip.MustParseAddrPort("10.0.0.2:40000")
	client2 = netip.MustParseAddrPort("10.0.1.2:40001")
	server  = netip.MustParseAddrPort("10.0.0.1:80")
)

const (
	clientKey wire.Key = 0x0123456789abcdef
	serverKey wire.Key = 0xfedcba9876543210
)

func segment(from, to netip.AddrPort, flags trace.TCPFlags, options []byte, payload string) []byte {
	for len(options)%4 != 0 {
		options = append(options, 1)
	}
	b := ip4(from.Addr(), to.Addr(), 6, 20+len(options)+len(payload))
	seq, ack := uint32(1001), uint32(1001)
	if flags&trace.SYN != 0 {
		seq--
	}
	if flags&trace.ACK == 0 {
		ack = 0
	}
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, from.Port()), to.Port())
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, seq), ack)
	b = append(b, byte(5+len(options)/4)<<4, byte(flags), 1000>>8, 1000&0xff, 0, 0, 0, 0)
	return append(append(b, options...), payload...)
}

// ip4 is a header, of a packet with so many bytes behind it.
func ip4(from, to netip.Addr, protocol byte, length int) []byte {
	b := []byte{0x45, 0, byte((20 + length) >> 8), byte(20 + length), 0, 0, 0, 0, 64, protocol, 0, 0}
	return append(append(b, from.AsSlice()...), to.AsSlice()...)
}
