package trace

import (
	"cmp"
	"net/netip"
	"slices"

	"allroads/wire"
)

// Report is what the packets say. It is part of the documented JSON of
// allroads; numbers of packets and bytes are exact, times are nanoseconds since
// 1970 UTC.
type Report struct {
	Interfaces  []string     `json:"interfaces"` // the paths
	Packets     PacketCounts `json:"packets"`
	Dropped     uint64       `json:"dropped"` // packets that the capture lost
	Connections []Connection `json:"connections"`
	OrphanJoins uint64       `json:"orphan_joins"` // MP_JOINs whose token is of no connection here
	Orphans     []Orphan     `json:"orphans,omitempty"`
	Verdict     Verdict      `json:"verdict"`
}

// Orphan is an MP_JOIN that belongs to no connection of the capture.
type Orphan struct {
	Path   string         `json:"path"`
	Opener netip.AddrPort `json:"opener"`
	Other  netip.AddrPort `json:"other"`
	Token  wire.Token     `json:"token"`
}

// Report says what the packets up to now amount to.
func (a *Analyzer) Report() *Report {
	report := &Report{
		Interfaces: a.interfaces, Packets: a.packets, Dropped: a.dropped,
		Connections: []Connection{}, OrphanJoins: a.orphans, Orphans: a.orphanList,
	}
	report.Connections = append(report.Connections, a.done...)
	for conn := a.live.first; conn != nil; conn = conn.newer {
		report.Connections = append(report.Connections, a.connection(conn))
	}
	slices.SortFunc(report.Connections, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) })
	report.Verdict = a.judge(report)
	return report
}

// connection reports what is known of one.
func (a *Analyzer) connection(c *connection) (out Connection) {
	a.fill(&out, c)
	out.Events = slices.Clone(out.Events)
	return out
}

// versions are what Connection.Version points to: four bits on the wire.
var versions = [16]wire.Version{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}

// fill writes the report on a connection, into the lists of an old one.
func (a *Analyzer) fill(out *Connection, c *connection) {
	*out = Connection{
		ID: c.id, Multipath: !c.plain, Inferred: c.inferred, Fallback: c.taken(), Aborted: c.aborted,
		Opened: c.subflows[0].opened, Last: c.last(), Futile: c.hidden, ChartWidth: c.chartWidth(),
		Keys: out.Keys[:0], Checks: out.Checks[:0], Subflows: out.Subflows[:0],
		Events: c.events, Hidden: c.more,
		Conclusion: Conclusion{Findings: out.Conclusion.Findings[:0]},
	}
	if c.versionKnown {
		out.Version = &versions[c.version&15]
	}
	if !c.plain {
		out.Checks = c.checks(out.Checks)
	}
	for _, of := range [...]side{client, server} {
		if state := &c.keys[of]; state.known {
			out.Keys = append(out.Keys, Key{Side: of.String(), Key: state.key, Token: state.token, IDSN: state.idsn})
		}
	}
	for i, flow := range c.subflows {
		if i == cap(out.Subflows) {
			out.Subflows = append(out.Subflows, Subflow{})
		}
		out.Subflows = out.Subflows[:i+1]
		a.fillSubflow(&out.Subflows[i], flow, out.ChartWidth)
	}
	out.ToServer, out.ToClient = c.stream(client), c.stream(server)
	out.Tokens = c.tokens()
	c.times(out)
	c.conclude(out)
	a.judgeAlone(out)
}

// times fills in how long it took to establish the connection and to use another
// path.
func (c *connection) times(out *Connection) {
	first := c.subflows[0]
	if !first.initial || !first.handshake[0] {
		return
	}
	out.Establishment = out.Subflows[0].Establishment
	for i, flow := range c.subflows[1:] {
		took := elapsed(first.opened, flow.completed, out.Subflows[i+1].Established && flow.completed != 0)
		if took != 0 && (out.SecondSubflow == 0 || took < out.SecondSubflow) {
			out.SecondSubflow = took
		}
	}
}

// stream reports the data of a side.
func (c *connection) stream(of side) Stream {
	s := &c.streams[of]
	out := Stream{
		Bytes: s.bytes(), Unseen: s.unseen(), Ended: s.ended, AckedTo: s.arrived(),
		Reordering: s.reorder.report(), Stall: s.stalls.longest, Window: s.window.report(),
	}
	out.Stall.Offset -= min(out.Stall.Offset, s.origin)
	for _, flow := range c.subflows {
		h := flow.half(of)
		out.Sent += h.payload() + h.retransmitted
		if h.first == 0 {
			continue
		}
		if out.First == 0 || h.first < out.First {
			out.First = h.first
		}
		out.Last = max(out.Last, h.last)
	}
	out.Goodput, out.Throughput = rate(out.Bytes, out.First, out.Last), rate(out.Sent, out.First, out.Last)
	return out
}

func (a *Analyzer) fillSubflow(out *Subflow, f *subflow, width int64) {
	*out = Subflow{
		ID: f.id, Path: a.path(f.iface), Verified: f.verified(), OpenedBy: f.opener.String(),
		Client: f.ends[f.opener], Server: f.ends[f.opener.other()],
		Initial: f.initial, Backup: f.join.syn.Backup, Established: f.established(),
		ClientBackup: f.backup[client], ServerBackup: f.backup[server],
		Outcome: f.outcome(), SYNs: f.syns, Ended: f.ended, EndedAt: f.endedAt, Idle: f.idle,
		Establishment: elapsed(f.opened, f.completed, f.completed != 0 && f.handshake[0]),
		Reset:         f.reset, FirstPacket: f.first, Opened: f.opened, Last: f.last,
		Checks: out.Checks[:0],
	}
	if !f.conn.plain {
		out.Checks = f.checks(out.Checks)
	}
	if f.reset != "" {
		out.ResetBy = f.sender(f.resetBy).String()
	}
	ids := [2]uint8{f.join.syn.AddressID, f.join.synAck.AddressID} // opener's, other's
	out.ClientID, out.ServerID = ids[f.opener], ids[f.opener.other()]
	f.half(client).carried(&out.ToServer, f, width)
	f.half(server).carried(&out.ToClient, f, width)
}

func (h *half) carried(out *Carried, f *subflow, width int64) {
	payload := h.payload()
	*out = Carried{
		Bytes: h.bytes, Payload: payload, Acknowledged: h.delivered(),
		Retransmitted: h.retransmitted, Reinjected: h.reinjected,
		Repeats: h.repeats, Segments: h.segments, Resent: h.resent, WaitedFor: h.waitedFor,
		RTT: h.rtt.report(), Stale: h.stale.report(f.trip(), f.last),
		First: h.first, Last: h.last,
		Goodput: rate(h.bytes, h.first, h.last), Throughput: rate(payload+h.retransmitted, h.first, h.last),
	}
	if f.conn.chart > 0 {
		out.Chart = h.chart.report(width)
	}
}
