package trace

import (
	"net/netip"
	"strings"
)

// Segment is a TCP segment. Its slices refer to the packet's data.
type Segment struct {
	Time       int64 // nanoseconds since 1970 UTC
	Interface  int
	Device     uint32 // index of the interface as Linux cooked captures v2 note it; 0 is unknown
	VLAN       uint16 // identifier in the innermost 802.1Q tag, 0 to 4095; 0 also without a tag
	Tunnel     uint8  // IP protocol of the tunnel around it: 4, 41 or 47 (GRE); 0 is none
	Fragment   bool   // the packet goes on in other fragments: PayloadLen is of this one
	OptionsCut bool   // some of the options were not captured, or are in another fragment
	Flags      TCPFlags
	Window     uint16 // as in the header, unscaled
	Seq, Ack   uint32
	Src, Dst   netip.AddrPort // Dst is the final one if a routing header has another
	Options    []byte         // raw TCP options
	Payload    []byte         // as much of it as was captured
	PayloadLen int            // bytes of payload on the wire

	tuple tuple
}

// TCPFlags are the control bits of a TCP header (RFC 9293, section 3.1).
type TCPFlags uint8

// The control bits.
const (
	FIN TCPFlags = 1 << iota
	SYN
	RST
	PSH
	ACK
	URG
	ECE
	CWR
)

// String gives the flags as tcpdump does: F for FIN, S, R, P, a dot for ACK, U,
// E for ECE, W for CWR, and none.
func (f TCPFlags) String() string {
	if f == 0 {
		return "none"
	}
	var b strings.Builder
	for i, letter := range []byte("FSRP.UEW") {
		if f&(1<<i) != 0 {
			b.WriteByte(letter)
		}
	}
	return b.String()
}
