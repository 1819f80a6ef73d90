package trace

import (
	"net/netip"

	"allroads/wire"
)

// Connection is an MPTCP connection, as far as the packets tell of it, or on request
// a plain TCP one. Numbers of bytes and packets are exact; times are nanoseconds since
// 1970 UTC, durations nanoseconds, all by the clock of the capture and from where it
// was made.
type Connection struct {
	ID            int               `json:"id"`      // from 1, in order of appearance; some are missing where connections were found to be one
	Version       *wire.Version     `json:"version"` // nil: not known
	Multipath     bool              `json:"multipath"`
	Inferred      Inference         `json:"inferred,omitempty"` // why the subflows are of one connection, when its start was not captured
	Tokens        Tokens            `json:"tokens"`
	Verdict       ConnectionVerdict `json:"verdict"`
	Keys          []Key             `json:"keys"`           // the client's and the server's, where known
	Opened        int64             `json:"opened,string"`  // when its first packet was seen
	Last          int64             `json:"last,string"`    // when its last packet was seen
	Establishment Elapsed           `json:"establishment"`  // from the SYN to the third packet of the handshake
	SecondSubflow Elapsed           `json:"second_subflow"` // from the SYN until another subflow was established
	Subflows      []Subflow         `json:"subflows"`
	Futile        uint64            `json:"subflows_hidden"` // how many more never came about
	ToServer      Stream            `json:"to_server"`
	ToClient      Stream            `json:"to_client"`
	Fallback      *Fallback         `json:"fallback"`          // why it went on as plain TCP, null when it did not
	Aborted       string            `json:"aborted,omitempty"` // how it was cut short
	Conclusion    Conclusion        `json:"conclusion"`
	Events        []Event           `json:"events"`                // the first 256
	Hidden        uint64            `json:"events_hidden"`         // how many events there were besides
	ChartWidth    int64             `json:"chart_width,omitempty"` // how long a bucket of the charts is; they begin at Opened
	Checks        []Check           `json:"checks"`
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
	Bytes      uint64     `json:"bytes"`        // seen, each counted once
	Unseen     uint64     `json:"unseen"`       // that the other side has though they were not captured
	Sent       uint64     `json:"sent"`         // payload of all subflows, what was sent again included
	First      int64      `json:"first,string"` // when the first payload was seen, 0 when none was
	Last       int64      `json:"last,string"`  // when the last was
	Goodput    Rate       `json:"goodput"`      // of Bytes, from First to Last
	Throughput Rate       `json:"throughput"`   // of Sent
	Ended      bool       `json:"ended"`        // by a DATA_FIN, or a FIN of plain TCP
	AckedTo    uint64     `json:"acked"`        // bytes the other side has, with the DATA_FIN as one
	Reordering Reordering `json:"reordering"`
	Stall      Stall      `json:"stall"` // the longest
	Window     Window     `json:"window"`
}

// Subflow is a TCP flow of a connection. Its client and server are the
// connection's, whoever opened it.
type Subflow struct {
	ID            int            `json:"id"` // from 1, in order of appearance
	Path          string         `json:"path"`
	Client        netip.AddrPort `json:"client"`
	Server        netip.AddrPort `json:"server"`
	OpenedBy      string         `json:"opened_by"`
	ClientID      uint8          `json:"client_address_id"`
	ServerID      uint8          `json:"server_address_id"`
	Initial       bool           `json:"initial"`
	Backup        bool           `json:"backup"`        // asked for when it was opened
	ClientBackup  bool           `json:"client_backup"` // what the client asked for last: to use it as a backup only
	ServerBackup  bool           `json:"server_backup"` // and the server
	Outcome       Outcome        `json:"outcome"`       // what became of its handshake
	SYNs          uint64         `json:"syns"`          // how many times it was asked for
	Established   bool           `json:"established"`
	Verified      *bool          `json:"verified"`      // by keys, tokens and HMACs that it is of the connection; nil: the packets do not tell
	Establishment Elapsed        `json:"establishment"` // from the SYN to the third packet
	Ended         Ending         `json:"ended"`         // how, "" while it is open
	EndedAt       int64          `json:"ended_at,string"`
	Reset         string         `json:"reset,omitempty"`    // why, when it was
	ResetBy       string         `json:"reset_by,omitempty"` // client or server
	FirstPacket   uint64         `json:"-"`                  // number of its first packet, from 1 through all given to the analyzer
	Opened        int64          `json:"opened,string"`
	Last          int64          `json:"last,string"`
	Idle          Silence        `json:"idle"` // the longest between two packets
	ToServer      Carried        `json:"to_server"`
	ToClient      Carried        `json:"to_client"`
	Checks        []Check        `json:"checks"`
}

// Silence is a time without packets.
type Silence struct {
	At       int64 `json:"at,string"` // of the packet before
	Duration int64 `json:"duration"`
}

// Carried is what a subflow did in one direction.
type Carried struct {
	Bytes         uint64   `json:"bytes"`         // of the stream, which no subflow had carried before
	Payload       uint64   `json:"payload"`       // of TCP, each byte counted once, whether it is of the stream or not
	Acknowledged  uint64   `json:"acknowledged"`  // payload that the other end has, by TCP's account
	Retransmitted uint64   `json:"retransmitted"` // payload that TCP sent again
	Reinjected    uint64   `json:"reinjected"`    // of the stream, carried before
	Repeats       Repeats  `json:"repeats"`       // what these were
	Segments      uint64   `json:"segments"`      // with payload
	Resent        uint64   `json:"resent"`        // of them, with payload that TCP sent again
	WaitedFor     int64    `json:"waited_for"`    // how long data of other subflows waited for this one's
	RTT           RTT      `json:"rtt"`           // of the answers to this direction
	Stale         Stale    `json:"stale"`
	First         int64    `json:"first,string"` // when the first payload was seen, 0 when none was
	Last          int64    `json:"last,string"`  // when the last payload was seen
	Goodput       Rate     `json:"goodput"`      // of Bytes, from First to Last
	Throughput    Rate     `json:"throughput"`   // of payload, what was sent again included
	Chart         []Bucket `json:"chart,omitempty"`
}

// Loss is the share of segments that TCP sent again, from 0 to 1: an estimate of how
// many were lost. There is none when nothing was sent.
func (c *Carried) Loss() (share float64, known bool) {
	if c.Segments == 0 {
		return 0, false
	}
	return float64(c.Resent) / float64(c.Segments), true
}

// Total is all new bytes that the subflow carried, in both directions.
func (s *Subflow) Total() uint64 { return s.ToServer.Bytes + s.ToClient.Bytes }

// Delivered reports whether some of them arrived.
func (s *Subflow) Delivered() bool { return s.ToServer.delivered() || s.ToClient.delivered() }

func (c *Carried) delivered() bool { return c.Bytes > 0 && c.Acknowledged > 0 }
