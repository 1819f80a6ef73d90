package trace

// RTT says how long answers took to come, as seen where the packets were
// captured: from a segment with payload to the acknowledgement of all of it
// (RFC 6298, with Karn's algorithm: none of a segment that was sent again).
// Times are nanoseconds.
type RTT struct {
	Samples   uint64 `json:"samples"`
	Min       int64  `json:"min"`
	Max       int64  `json:"max"`
	Last      int64  `json:"last"`
	Average   int64  `json:"average"`
	Handshake int64  `json:"handshake"` // from the SYN or SYN/ACK to its answer, 0: not seen
}

// behindSYN is the relative number that answers a SYN; payload has higher ones.
const behindSYN = 1

// rtt measures one direction: one segment at a time, so once per round trip.
type rtt struct {
	RTT
	sum    int64
	behind uint64 // the relative number that answers the segment, 0: none is out
	at     int64
}

// sent is called with new payload.
func (r *rtt) sent(hi uint64, at int64) {
	if r.behind == 0 {
		r.behind, r.at = hi, at
	}
}

// repeated is called when payload is sent again: no answer tells to which.
func (r *rtt) repeated(lo uint64) {
	if lo < r.behind {
		r.behind = 0
	}
}

// acknowledged is called with what is acknowledged, and returns what the answer
// took, 0 unless it measures the path.
func (r *rtt) acknowledged(acked uint64, at int64) (sample int64) {
	if r.behind == 0 || acked < r.behind {
		return 0
	}
	took, handshake := at-r.at, r.behind == behindSYN
	r.behind = 0
	switch {
	case took < 0:
		return 0 // a clock that was set back
	case handshake:
		r.Handshake = took
		return 0
	}
	if r.Samples == 0 || took < r.Min {
		r.Min = took
	}
	r.Max, r.Last = max(r.Max, took), took
	r.sum += took
	r.Samples++
	return took
}

func (r *rtt) report() RTT {
	out := r.RTT
	if out.Samples > 0 {
		out.Average = r.sum / int64(out.Samples)
	}
	return out
}

// usual is the average, or what is known instead; 0 when nothing is.
func (r *rtt) usual() int64 {
	if r.Samples == 0 {
		return r.Handshake
	}
	return r.sum / int64(r.Samples)
}

// shortest is the least that an answer took, the handshake's included; 0 when none
// was seen.
func (r *rtt) shortest() int64 {
	if r.Handshake != 0 && (r.Samples == 0 || r.Handshake < r.Min) {
		return r.Handshake
	}
	return r.Min
}
