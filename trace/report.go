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

// Connection is an MPTCP connection.
type Connection struct {
	ID       int          `json:"id"` // from 1, in order of appearance
	Version  wire.Version `json:"version"`
	Keys     []Key        `json:"keys"` // the client's and the server's, where known
	Subflows []Subflow    `json:"subflows"`
	ToServer Stream       `json:"to_server"`
	ToClient Stream       `json:"to_client"`
	Fallback string       `json:"fallback,omitempty"` // why it went on as plain TCP
	Aborted  string       `json:"aborted,omitempty"`  // how it was cut short
	Checks   []Check      `json:"checks"`
}

// Key is a key of a connection and what is derived from it.
type Key struct {
	Side  string     `json:"side"` // client or server
	Key   wire.Key   `json:"key"`
	Token wire.Token `json:"token"`
	IDSN  uint64     `json:"idsn,string"`
}

// Stream is the data that one side sends.
type Stream struct {
	Bytes   uint64 `json:"bytes"` // seen, each counted once
	Ended   bool   `json:"ended"` // by a DATA_FIN
	AckedTo uint64 `json:"acked"` // bytes the other side has, with the DATA_FIN as one
}

// Subflow is a TCP flow of a connection. Its client and server are the
// connection's, whoever opened it.
type Subflow struct {
	ID          int            `json:"id"` // from 1, in order of appearance
	Path        string         `json:"path"`
	Client      netip.AddrPort `json:"client"`
	Server      netip.AddrPort `json:"server"`
	OpenedBy    string         `json:"opened_by"`
	ClientID    uint8          `json:"client_address_id"`
	ServerID    uint8          `json:"server_address_id"`
	Initial     bool           `json:"initial"`
	Backup      bool           `json:"backup"` // asked for when it was opened
	Established bool           `json:"established"`
	Reset       string         `json:"reset,omitempty"`
	Opened      int64          `json:"opened,string"`
	Last        int64          `json:"last,string"`
	ToServer    Carried        `json:"to_server"`
	ToClient    Carried        `json:"to_client"`
	Checks      []Check        `json:"checks"`
}

// Carried is what a subflow did in one direction.
type Carried struct {
	Bytes         uint64 `json:"bytes"`         // of the stream, which no subflow had carried before
	Acknowledged  uint64 `json:"acknowledged"`  // payload that the other end has, by TCP's account
	Retransmitted uint64 `json:"retransmitted"` // payload that TCP sent again
	Reinjected    uint64 `json:"reinjected"`    // of the stream, carried before
	First         int64  `json:"first,string"`  // when the first payload was seen, 0 when none was
	Last          int64  `json:"last,string"`   // when the last payload was seen
}

// Total is all new bytes that the subflow carried, in both directions.
func (s *Subflow) Total() uint64 { return s.ToServer.Bytes + s.ToClient.Bytes }

// Delivered reports whether some of them arrived.
func (s *Subflow) Delivered() bool { return s.ToServer.delivered() || s.ToClient.delivered() }

func (c *Carried) delivered() bool { return c.Bytes > 0 && c.Acknowledged > 0 }

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
	for _, conn := range a.conns {
		report.Connections = append(report.Connections, a.connection(conn))
	}
	slices.SortFunc(report.Connections, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) })
	report.Verdict = judge(report)
	return report
}

func (a *Analyzer) connection(c *connection) Connection {
	out := Connection{
		ID: c.id, Version: c.version, Fallback: c.fallback, Aborted: c.aborted,
		ToServer: c.streams[client].report(), ToClient: c.streams[server].report(),
		Keys: []Key{}, Checks: c.checks(),
	}
	for _, of := range []side{client, server} {
		if state := c.keys[of]; state.known {
			out.Keys = append(out.Keys, Key{
				Side: of.String(), Key: state.key,
				Token: c.version.Token(state.key), IDSN: c.version.IDSN(state.key),
			})
		}
	}
	for _, flow := range c.subflows {
		out.Subflows = append(out.Subflows, a.subflow(flow))
	}
	return out
}

func (s *stream) report() Stream {
	var bytes uint64
	for _, r := range s.covered {
		bytes += r.hi - r.lo
	}
	return Stream{Bytes: bytes, Ended: s.ended, AckedTo: s.acked}
}

func (a *Analyzer) subflow(f *subflow) Subflow {
	out := Subflow{
		ID: f.id, Path: a.path(f.iface), OpenedBy: f.opener.String(),
		Client: f.ends[f.opener], Server: f.ends[f.opener.other()],
		Initial: f.initial, Backup: f.join.syn.Backup, Established: f.established(),
		Reset: f.reset, Opened: f.opened, Last: f.last,
		Checks: f.checks(),
	}
	ids := [2]uint8{f.join.syn.AddressID, f.join.synAck.AddressID} // opener's, other's
	out.ClientID, out.ServerID = ids[f.opener], ids[f.opener.other()]
	carried := [2]Carried{f.halves[f.opener].carried(), f.halves[f.opener.other()].carried()}
	out.ToServer, out.ToClient = carried[0], carried[1]
	return out
}

func (h *half) carried() Carried {
	return Carried{
		Bytes: h.bytes, Acknowledged: max(h.acked, 1) - 1, Retransmitted: h.retransmitted, Reinjected: h.reinjected,
		First: h.first, Last: h.last,
	}
}
