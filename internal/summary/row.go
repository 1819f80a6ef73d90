package summary

import (
	"net/netip"

	"allroads/trace"
)

// row is what the list keeps of a connection.
type row struct {
	weight          weight
	id              int
	tokens          trace.Tokens
	client, server  netip.AddrPort
	kind            trace.Kind
	verdict         verdict
	used, made      int  // subflows that carried new data; that were established
	unclear         bool // of some it is not known whether they were established
	seen            uint64
	toServer        uint64 // bytes
	toClient        uint64
	goodput         trace.Rate
	subflows        []subflowRow
	subflowsDropped uint64
}

type subflowRow struct {
	id               int
	client, server   netip.AddrPort
	state            string
	established      bool
	share, of        uint64
	rtt              int64
	resent, segments uint64
	reinjected       uint64
	ambiguous        bool // another subflow has the same addresses, but for the ports
}

// maxSubflowRows are listed of a connection, the first ones.
const maxSubflowRows = 8

// fill copies what is kept, into the list of subflows that is there.
func (r *row) fill(c *trace.Connection, w weight) {
	*r = row{
		weight: w, id: c.ID, tokens: c.Tokens, kind: c.Conclusion.Kind, verdict: judged(c),
		seen: uint64(len(c.Subflows)) + c.Futile, used: c.Conclusion.Paths,
		goodput: goodput(c), subflows: r.subflows[:0],
	}
	if len(c.Subflows) > 0 {
		r.client, r.server = c.Subflows[0].Client, c.Subflows[0].Server
	}
	r.toServer, r.toClient = moved(c)
	for i := range c.Subflows {
		if c.Subflows[i].Established {
			r.made++
		}
		r.unclear = r.unclear || c.Subflows[i].Outcome == trace.OutcomeUnknown
		if i < maxSubflowRows {
			r.subflows = append(r.subflows, subflowRow{})
			r.subflows[i].fill(c, i, r.toServer+r.toClient)
		}
	}
	r.subflowsDropped = r.seen - uint64(len(r.subflows))
}

func (s *subflowRow) fill(c *trace.Connection, i int, whole uint64) {
	f := &c.Subflows[i]
	*s = subflowRow{
		id: f.ID, client: f.Client, server: f.Server, state: shortState(c, f), established: f.Established || f.Outcome == trace.OutcomeTCP,
		share: load(c, &f.ToServer) + load(c, &f.ToClient), of: whole, rtt: roundTrip(f), reinjected: reinjected(f),
		resent:   f.ToServer.Resent + f.ToClient.Resent,
		segments: f.ToServer.Segments + f.ToClient.Segments,
	}
	for j := range c.Subflows {
		other := &c.Subflows[j]
		if j != i && other.Client.Addr() == f.Client.Addr() && other.Server.Addr() == f.Server.Addr() {
			s.ambiguous = true
		}
	}
}

// shortState says of a backup that it is one, unless something became of it.
func shortState(c *trace.Connection, f *trace.Subflow) string {
	switch text := stateText(f); {
	case f.Initial && c.Fallback != nil && !f.Established:
		return "plain TCP"
	case turnedDown(f):
		return "refused"
	case (f.ClientBackup || f.ServerBackup) && (text == "open" || text == "closed"):
		return "backup"
	default:
		return text
	}
}

// stateText is what became of a subflow, in a word or two.
func stateText(f *trace.Subflow) string {
	switch f.Outcome {
	case trace.OutcomeRefused:
		return "refused"
	case trace.OutcomeNoAnswer:
		return "no answer"
	case trace.OutcomePlain:
		return "no MP_JOIN"
	case trace.OutcomeNoACK:
		return "no ACK"
	}
	switch f.Ended {
	case trace.EndFIN:
		return "closed"
	case trace.EndReset:
		return "reset"
	case trace.EndReplaced:
		return "replaced"
	case trace.EndEvicted:
		return "given up"
	}
	return "open"
}
