// Package trace turns packets into MPTCP connections and verdicts: which
// subflows a connection had, which bytes each carried, and whether the packets
// bear it out. It reads each packet once and keeps what is still open, and of
// what is closed the report, so that memory grows with the number of connections
// and not with what they carry.
package trace

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
)

// Packet is a captured Ethernet frame.
type Packet struct {
	Time      int64  // nanoseconds since 1970 UTC
	Interface int    // position in the names given to New
	Length    int    // bytes on the wire
	Data      []byte // as many of them as were captured
}

// Segment is a TCP segment. Its slices refer to the packet's data.
type Segment struct {
	Time       int64 // nanoseconds since 1970 UTC
	Interface  int
	Src, Dst   netip.AddrPort
	Seq, Ack   uint32
	Flags      TCPFlags
	Window     uint16 // as in the header, unscaled
	Options    []byte // raw TCP options
	OptionsCut bool   // some of the options were not captured
	Payload    []byte // as much of it as was captured
	PayloadLen int    // bytes of payload on the wire
}

// TCPFlags are the control bits of a TCP header (RFC 9293, section 3.1).
type TCPFlags uint8

// The control bits that matter here.
const (
	FIN TCPFlags = 1 << iota
	SYN
	RST
	PSH
	ACK
)

// String gives the flags as tcpdump does: S for SYN, F, R, P, and a dot for ACK.
func (f TCPFlags) String() string {
	var b strings.Builder
	for _, flag := range []struct {
		bit    TCPFlags
		letter byte
	}{{SYN, 'S'}, {FIN, 'F'}, {RST, 'R'}, {PSH, 'P'}, {ACK, '.'}} {
		if f&flag.bit != 0 {
			b.WriteByte(flag.letter)
		}
	}
	return b.String()
}

// Why a packet holds no segment. A header that contradicts itself is not TCP; a
// cut packet may have been, so that nothing can be said about it.
var (
	ErrNotTCP = errors.New("not TCP")
	ErrCut    = errors.New("headers cut off")
)

// EtherTypes (IEEE 802) and IP protocol numbers (IANA).
const (
	etherIPv4 = 0x0800
	etherIPv6 = 0x86dd
	etherVLAN = 0x8100
	etherQinQ = 0x88a8

	protocolTCP  = 6
	ipv6HopByHop = 0
	ipv6Routing  = 43
	ipv6Fragment = 44
	ipv6DestOpts = 60
)

// Decode reads a TCP segment out of an Ethernet frame: IPv4 or IPv6, with or
// without VLAN tags. It returns ErrNotTCP or ErrCut when there is none to read,
// and a fragment other than the first is not TCP.
func (s *Segment) Decode(p *Packet) error {
	*s = Segment{Time: p.Time, Interface: p.Interface}
	if len(p.Data) < 14 {
		return ErrCut
	}
	etherType, b := binary.BigEndian.Uint16(p.Data[12:]), p.Data[14:]
	for etherType == etherVLAN || etherType == etherQinQ {
		if len(b) < 4 {
			return ErrCut
		}
		etherType, b = binary.BigEndian.Uint16(b[2:]), b[4:]
	}
	// What the wire had beyond the captured bytes, to tell cut from absent.
	missing := max(p.Length-len(p.Data), 0)
	switch etherType {
	case etherIPv4:
		return s.decodeIPv4(b, missing)
	case etherIPv6:
		return s.decodeIPv6(b, missing)
	}
	return ErrNotTCP
}

func (s *Segment) decodeIPv4(b []byte, missing int) error {
	if len(b) < 20 {
		return ErrCut
	}
	header, total := int(b[0]&0x0f)*4, int(binary.BigEndian.Uint16(b[2:]))
	if b[0]>>4 != 4 || header < 20 {
		return ErrNotTCP
	}
	if b[9] != protocolTCP || binary.BigEndian.Uint16(b[6:])&0x1fff != 0 {
		return ErrNotTCP
	}
	if total == 0 { // a super-packet of more than 64 KiB
		total = len(b) + missing
	}
	if len(b) < header {
		return ErrCut
	}
	src, dst := netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
	return s.decodeTCP(src, dst, b[header:min(len(b), max(total, header))], total-header)
}

func (s *Segment) decodeIPv6(b []byte, missing int) error {
	if len(b) < 40 {
		return ErrCut
	}
	src, dst := netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
	next, length := b[6], int(binary.BigEndian.Uint16(b[4:]))
	b = b[40:]
	if length == 0 { // a super-packet of more than 64 KiB
		length = len(b) + missing
	}
	b = b[:min(len(b), length)]
	for next != protocolTCP {
		size, err := extensionLength(next, b)
		if err != nil {
			return err
		}
		if size > len(b) {
			return ErrCut
		}
		next, b, length = b[0], b[size:], length-size
	}
	return s.decodeTCP(src, dst, b, length)
}

// extensionLength returns the length of the IPv6 extension header at the start
// of b (RFC 8200, section 4).
func extensionLength(header uint8, b []byte) (int, error) {
	switch header {
	case ipv6HopByHop, ipv6Routing, ipv6DestOpts:
		if len(b) < 2 {
			return 0, ErrCut
		}
		return int(b[1])*8 + 8, nil
	case ipv6Fragment:
		if len(b) < 8 {
			return 0, ErrCut
		}
		if binary.BigEndian.Uint16(b[2:])&0xfff8 != 0 {
			return 0, ErrNotTCP
		}
		return 8, nil
	}
	return 0, ErrNotTCP
}

// decodeTCP reads a TCP header; length is what the IP header says that header
// and payload have together.
func (s *Segment) decodeTCP(src, dst netip.Addr, b []byte, length int) error {
	if len(b) < 20 {
		return ErrCut
	}
	header := int(b[12]>>4) * 4
	if header < 20 || header > length {
		return ErrNotTCP
	}
	s.Src = netip.AddrPortFrom(src, binary.BigEndian.Uint16(b[0:]))
	s.Dst = netip.AddrPortFrom(dst, binary.BigEndian.Uint16(b[2:]))
	s.Seq, s.Ack = binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[8:])
	s.Flags, s.Window = TCPFlags(b[13]), binary.BigEndian.Uint16(b[14:])
	s.PayloadLen = length - header
	if len(b) < header {
		s.Options, s.OptionsCut = b[20:], true
		return nil
	}
	s.Options, s.Payload = b[20:header], b[header:]
	return nil
}
