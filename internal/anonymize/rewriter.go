package anonymize

import (
	"errors"
	"net/netip"

	"allroads/trace"
)

// rewriter makes of a packet one that nothing was copied into but what it has
// understood. It builds; it does not alter what is there.
type rewriter struct {
	secret     *secret
	table      *table
	addresses  *addresses
	numbers    *numbers
	directions *directions
	common     uint64 // shift of data sequence numbers where no key is known

	segment    trace.Segment // at hand
	flow       *flow         // of it, nil: not of MPTCP, or its start was not captured
	sender     side
	from, back *direction
	out        []byte
	again      trace.Segment // read from out
}

func newRewriter(s *secret, o Options) *rewriter {
	return &rewriter{
		secret: s, table: newTable(s), addresses: newAddresses(s), numbers: newNumbers(s, o.KeepPorts),
		directions: &directions{secret: s, known: map[[2]netip.AddrPort]*direction{}},
		common:     s.number(forDSN, 0, 0),
	}
}

// learn takes a packet of the first reading.
func (r *rewriter) learn(p *trace.Packet) {
	if r.segment.Decode(p) == nil {
		r.table.follow(&r.segment)
	}
}

// rewrite returns what stands for a packet of the second reading, valid until the
// next call. The error is one of package trace's, or errUnreadable.
func (r *rewriter) rewrite(p *trace.Packet) ([]byte, error) {
	s := &r.segment
	if err := s.Decode(p); err != nil {
		return nil, err
	}
	r.flow, r.sender = r.table.follow(s), client
	if r.flow != nil {
		r.sender = r.flow.sender(s)
	}
	r.from, r.back = r.directions.of(s)
	r.out = r.out[:0]
	if !r.link(p.Link, p.Data, max(p.Length, len(p.Data))) || !r.same(p) {
		return nil, errUnreadable
	}
	return r.out, nil
}

// same reports whether what was built is read as the same segment: the packet was
// understood as package trace does.
func (r *rewriter) same(p *trace.Packet) bool {
	s, o := &r.segment, &r.again
	to := trace.Packet{Time: p.Time, Interface: p.Interface, Link: p.Link, Length: p.Length, Data: r.out}
	if len(r.out) > len(p.Data) || o.Decode(&to) != nil {
		return false
	}
	return o.Src == r.end(s.Src) && o.Dst == r.end(s.Dst) && o.Seq == s.Seq+r.from.seq && o.Flags == s.Flags && o.Window == s.Window &&
		o.PayloadLen == s.PayloadLen && o.Fragment == s.Fragment && o.Tunnel == s.Tunnel && o.OptionsCut == s.OptionsCut &&
		(s.OptionsCut || len(o.Options) == len(s.Options)) && len(o.Payload) == 0
}

// end replaces an end of a flow.
func (r *rewriter) end(of netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(r.addresses.replace(of.Addr()), r.numbers.port(of.Port()))
}

// errUnreadable: a TCP segment in headers that are not understood to the last byte.
var errUnreadable = errors.New("headers not understood in full")
