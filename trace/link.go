package trace

// LinkType is what the data of a captured packet begins with. The zero value is
// Ethernet.
type LinkType uint8

// The link types that are read.
const (
	Ethernet LinkType = iota // IEEE 802.3, with or without VLAN tags and PPPoE
	Null                     // BSD loopback: an address family in the byte order of its host
	Raw                      // an IP header, of either version
	SLL                      // Linux cooked capture
	SLL2                     // Linux cooked capture v2
	PPP                      // with or without HDLC framing; Cisco HDLC
	Loop                     // OpenBSD loopback: an address family in network byte order
	PPPoE                    // a PPPoE session (RFC 2516), without Ethernet
)

var linkNames = [...]string{"Ethernet", "loopback", "raw IP", "Linux cooked", "Linux cooked v2", "PPP", "OpenBSD loopback", "PPPoE"}

func (l LinkType) String() string {
	if int(l) < len(linkNames) {
		return linkNames[l]
	}
	return "unknown link type"
}

// LinkTypeOf returns the type that a capture file means by a LINKTYPE_ number
// (https://www.tcpdump.org/linktypes.html), and whether it is one that is read.
// 12 and 14 are what BSD systems write for raw IP.
func LinkTypeOf(linktype uint16) (LinkType, bool) {
	switch linktype {
	case 0:
		return Null, true
	case 1:
		return Ethernet, true
	case 9, 50: // LINKTYPE_PPP, LINKTYPE_PPP_HDLC
		return PPP, true
	case 51: // LINKTYPE_PPP_ETHER
		return PPPoE, true
	case 12, 14, 101, 228, 229: // DLT_RAW twice, LINKTYPE_RAW, LINKTYPE_IPV4, LINKTYPE_IPV6
		return Raw, true
	case 108:
		return Loop, true
	case 113:
		return SLL, true
	case 276:
		return SLL2, true
	}
	return 0, false
}

// decodeLink takes off the link's header. wire is how many bytes there were on
// the wire from the start of b on, never fewer than b has: that holds for all
// the functions below.
func (s *Segment) decodeLink(link LinkType, b []byte, wire int) error {
	switch link {
	case Ethernet:
		return s.decodeEthernet(b, wire)
	case Raw:
		return s.decodeIP(b, wire)
	case SLL:
		return s.decodeSLL(b, wire)
	case SLL2:
		return s.decodeSLL2(b, wire)
	case Null, Loop:
		return s.decodeFamily(b, wire)
	case PPP:
		return s.decodePPP(b, wire)
	case PPPoE:
		return s.decodePPPoE(b, wire)
	}
	return ErrLinkType
}
