package trace

import "slices"

// early takes what a SYN carries (TCP Fast Open, RFC 7413).
func (f *subflow) early(syn *Segment) {
	h := &f.halves[fromOpener]
	h.early = uint32(syn.PayloadLen)
	if f.conn.payload != nil && syn.PayloadLen > 0 {
		h.leave().early = slices.Clone(syn.Payload)
	}
}

// answeredEarly takes a SYN/ACK's account of what the SYN carried. What was taken
// stands in front of the stream and of all that mappings count (RFC 8684, appendix B;
// net/mptcp/fastopen.c); what was not is sent again as any data.
func (f *subflow) answeredEarly(ack uint32) {
	h := &f.halves[fromOpener]
	if h.early == 0 {
		return
	}
	if f.initial && h.near == 0 && ack == h.isn+1+h.early {
		if f.conn.payload != nil {
			f.piece(fromOpener, -uint64(h.early), int(h.early), h.left.early)
		}
		h.isn += h.early
		h.shifted = h.early
	}
	h.early = 0
}
