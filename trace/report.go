package trace

import (
	"cmp"
	"maps"
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
	for _, conn := range a.ordered() {
		report.Connections = append(report.Connections, a.connection(conn))
	}
	slices.SortFunc(report.Connections, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) })
	report.Verdict = judge(report)
	return report
}

// ordered lists the connections that are open, in order of appearance.
func (a *Analyzer) ordered() []*connection {
	return slices.SortedFunc(maps.Values(a.conns), func(a, b *connection) int { return cmp.Compare(a.id, b.id) })
}

// connection reports what is known of one.
func (a *Analyzer) connection(c *connection) (out Connection) {
	a.fill(&out, c)
	return out
}

// fill writes the report on a connection, into the lists of an old one.
func (a *Analyzer) fill(out *Connection, c *connection) {
	*out = Connection{
		ID: c.id, Version: c.version, Fallback: c.taken(), Aborted: c.aborted,
		ToServer: c.streams[client].report(), ToClient: c.streams[server].report(),
		Opened: c.subflows[0].opened, Last: c.last(),
		Keys: out.Keys[:0], Checks: c.checks(out.Checks[:0]), Subflows: out.Subflows[:0],
		Events: c.events, Hidden: c.more,
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
		a.fillSubflow(&out.Subflows[i], flow)
	}
}

func (s *stream) report() Stream {
	return Stream{
		Bytes: s.covered.count(), Ended: s.ended, AckedTo: s.acked,
		Reordering: s.reorder.report(), Stall: s.stalls.longest,
	}
}

func (a *Analyzer) fillSubflow(out *Subflow, f *subflow) {
	*out = Subflow{
		ID: f.id, Path: a.path(f.iface), OpenedBy: f.opener.String(),
		Client: f.ends[f.opener], Server: f.ends[f.opener.other()],
		Initial: f.initial, Backup: f.join.syn.Backup, Established: f.established(),
		ClientBackup: f.backup[client], ServerBackup: f.backup[server],
		Reset: f.reset, Opened: f.opened, Last: f.last,
		Checks: f.checks(out.Checks[:0]),
	}
	ids := [2]uint8{f.join.syn.AddressID, f.join.synAck.AddressID} // opener's, other's
	out.ClientID, out.ServerID = ids[f.opener], ids[f.opener.other()]
	out.ToServer, out.ToClient = f.half(client).carried(), f.half(server).carried()
}

func (h *half) carried() Carried {
	return Carried{
		Bytes: h.bytes, Acknowledged: max(h.acked, 1) - 1, Retransmitted: h.retransmitted, Reinjected: h.reinjected,
		Repeats: h.repeats, Segments: h.segments, Resent: h.resent, WaitedFor: h.waitedFor, RTT: h.rtt.report(),
		First: h.first, Last: h.last,
	}
}
