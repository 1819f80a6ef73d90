package trace

// IP protocol numbers (IANA).
const (
	protocolHopByHop = 0
	protocolIPv4     = 4
	protocolTCP      = 6
	protocolIPv6     = 41
	protocolRouting  = 43
	protocolFragment = 44
	protocolGRE      = 47
	protocolAH       = 51
	protocolDestOpts = 60
)

// ipPayload is what follows an IP header.
type ipPayload struct {
	protocol uint8
	b        []byte
	length   int    // on the wire
	final    []byte // the destination that a routing header says to be the last
}

// decodeIP reads an IP packet whose version nothing but itself tells.
func (s *Segment) decodeIP(b []byte, wire int) error {
	if len(b) == 0 {
		return ErrCut
	}
	if b[0]>>4 == 6 {
		return s.decodeIPv6(b, wire)
	}
	return s.decodeIPv4(b, wire)
}

// laterFragment says what a fragment without a TCP header is, from the protocol
// in its IP header.
func laterFragment(protocol uint8) error {
	switch protocol {
	case protocolTCP, protocolIPv4, protocolIPv6, protocolGRE, protocolAH, protocolDestOpts, protocolRouting:
		return ErrFragment
	}
	return ErrNotTCP
}
