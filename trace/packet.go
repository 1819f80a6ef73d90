// Package trace turns packets into MPTCP connections and verdicts: which
// subflows a connection had, which bytes each carried, and whether the packets
// bear it out. It reads each packet once and keeps what is still open, and of
// what is closed the report, so that memory grows with the number of connections
// and not with what they carry.
package trace

import "errors"

// Packet is a captured packet with the headers of its link.
type Packet struct {
	Time      int64 // nanoseconds since 1970 UTC
	Interface int   // position in the names given to New
	Link      LinkType
	Length    int    // bytes on the wire; fewer than len(Data) is taken for unknown
	Data      []byte // as many of them as were captured
}

// Why a packet holds no segment. They are returned as they are, never wrapped.
var (
	// ErrNotTCP: another protocol, or headers that contradict themselves.
	ErrNotTCP = errors.New("not TCP")
	// ErrCut: too little was captured to say what it is.
	ErrCut = errors.New("headers cut off")
	// ErrFragment: a piece of an IP packet that may be TCP, without the TCP header.
	ErrFragment = errors.New("later fragment")
	// ErrTooDeep: a tunnel in a tunnel, or more tags or extension headers than are followed.
	ErrTooDeep = errors.New("headers nested too deep")
	// ErrLinkType: a link type that is none of the constants.
	ErrLinkType = errors.New("unknown link type")
)

// Decode reads the TCP segment in a packet: over IPv4 or IPv6, with or without
// one tunnel around it (IP in IP, GRE). When there is none to read it returns
// one of the errors of this package and leaves s empty.
//
// What was not captured is not made up: Payload may be shorter than PayloadLen,
// and OptionsCut and Fragment say when something is unknown. What the link
// appends behind the IP packet is not payload. Lengths come from the innermost
// IP header, even when Length contradicts it.
func (s *Segment) Decode(p *Packet) error {
	*s = Segment{Time: p.Time, Interface: p.Interface}
	err := s.decodeLink(p.Link, p.Data, max(p.Length, len(p.Data)))
	if err != nil {
		*s = Segment{}
	}
	return err
}
