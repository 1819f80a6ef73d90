package bothends

import "net/netip"

// Schema names the form of the JSON.
const Schema = "allroads.both-ends/1"

// Result is what two captures say about what is between them. Times are nanoseconds
// since 1970 UTC, each by the clock of its capture, durations nanoseconds. Packet
// numbers count from 1 through all packets of a capture, as tcpdump and tshark do.
type Result struct {
	Schema          string      `json:"schema"`
	Verdict         string      `json:"verdict"` // of all, in words
	Swapped         bool        `json:"swapped"` // the captures were given in the wrong order; here they are in the right one
	Client          Capture     `json:"client"`
	Server          Capture     `json:"server"`
	Clock           Clock       `json:"clock"`
	Subflows        []Subflow   `json:"subflows"`
	Hidden          Totals      `json:"subflows_hidden"` // more than are listed
	Plain           uint64      `json:"plain"`           // matched flows without MPTCP, not listed
	Unmatched       []Unmatched `json:"unmatched"`
	UnmatchedHidden uint64      `json:"unmatched_hidden"`
	PlainUnmatched  uint64      `json:"plain_unmatched"`
	Notes           []string    `json:"notes"` // what limits the comparison
}

// Capture is an account of one of the captures.
type Capture struct {
	Packets uint64  `json:"packets"`
	Other   uint64  `json:"other"`  // no TCP that could be read
	Copies  uint64  `json:"copies"` // of packets that were captured on another interface before
	Flows   uint64  `json:"flows"`
	First   int64   `json:"first,string"`
	Last    int64   `json:"last,string"`
	Drops   *uint64 `json:"drops"`  // packets that the capture lost, null: not known
	Damage  string  `json:"damage"` // why it could not be read to its end, "" when it could
}

// Clock says by how much the server's clock is ahead of the client's.
type Clock struct {
	Known     bool     `json:"known"`     // packets of both directions tell
	Offset    int64    `json:"offset"`    // at At, if the fastest packets take equally long in both directions
	Low       int64    `json:"low"`       // it is at least so much, whatever the delays are
	High      int64    `json:"high"`      // and at most
	At        int64    `json:"at,string"` // by the client's clock
	Drift     *float64 `json:"drift"`     // ppm that it gains; null: the captures are too short to tell
	DriftOff  *float64 `json:"drift_off"` // by how much that may be wrong if the fastest packets always take equally long
	DriftLow  *float64 `json:"drift_low"` // no packet contradicts a drift between these
	DriftHigh *float64 `json:"drift_high"`
	Steps     []Step   `json:"steps"` // sudden changes of the offset
}

// Step is a sudden change of a clock.
type Step struct {
	After  int64 `json:"after,string"` // by the client's clock: between these times
	Before int64 `json:"before,string"`
	By     int64 `json:"by"` // what the server's clock gained on the client's
}

// Subflow is a TCP flow that both captures have.
type Subflow struct {
	ID         int      `json:"id"`
	Connection int      `json:"connection"` // subflows of the same MPTCP connection have the same, 0: unknown
	Token      string   `json:"token,omitempty"`
	MPTCP      bool     `json:"mptcp"`
	Join       bool     `json:"join"`
	Basis      Basis    `json:"basis"` // what the match is based on
	Weak       bool     `json:"weak"`  // it may be wrong
	AtClient   Ends     `json:"at_client"`
	AtServer   Ends     `json:"at_server"`
	Directed   bool     `json:"directed"` // the packets show which end is which; else it is as the captures were given
	ToServer   Way      `json:"to_server"`
	ToClient   Way      `json:"to_client"`
	Changes    []Change `json:"changes"` // what was altered on the way
	Verdict    string   `json:"verdict"`
}

// Ends are the addresses of a flow as one capture has them.
type Ends struct {
	Client netip.AddrPort `json:"client"`
	Server netip.AddrPort `json:"server"`
}

// Count is packets and their payload.
type Count struct {
	Packets uint64 `json:"packets"`
	Bytes   uint64 `json:"bytes"`
}

// Way is one direction of a subflow.
type Way struct {
	Sent       Count      `json:"sent"`    // in the sender's capture
	Arrived    Count      `json:"arrived"` // in the receiver's
	Lost       Lost       `json:"lost"`
	Extra      Extra      `json:"extra"`               // in the receiver's only
	Outside    uint64     `json:"outside"`             // packets that one capture may have missed since it began later or ended earlier
	Duplicated uint64     `json:"duplicated"`          // packets that arrived once more
	Reordered  uint64     `json:"reordered"`           // packets that others, sent after them, overtook
	Overtaken  uint64     `json:"overtaken,omitempty"` // number of the first, at the receiver
	Largest    [2]int64   `json:"largest"`             // payload of a packet at the sender and at the receiver: they differ when cards cut or join packets
	Compared   uint64     `json:"compared"`            // bytes of payload that were compared
	Hops       *int       `json:"hops"`                // routers in between, as the time to live of most packets tells; null: not known
	HopsVary   uint64     `json:"hops_vary"`           // packets about which it told otherwise
	Delay      *Quantiles `json:"delay"`               // null: not known
	Queueing   *Quantiles `json:"queueing"`            // what packets took longer than the fastest, which does not depend on the clocks' offset
}

// Lost is what was sent and did not arrive.
type Lost struct {
	Packets  uint64  `json:"packets"` // of which nothing arrived
	Partly   uint64  `json:"partly"`  // large ones, of which a part arrived
	Bytes    uint64  `json:"bytes"`
	Segments *uint64 `json:"segments"`        // with payload, as they are on the wire; null: not known
	First    uint64  `json:"first,omitempty"` // number of the first, at the sender
}

// Extra is what the receiver's capture alone has.
type Extra struct {
	Packets uint64 `json:"packets"`
	Bytes   uint64 `json:"bytes"`
	Resets  uint64 `json:"resets"`
	Unsent  uint64 `json:"unsent"`          // packets with payload behind all that was sent
	First   uint64 `json:"first,omitempty"` // number of the first, at the receiver
}

// Quantiles are times of packets. They are exact for up to 1,024, else of a sample of
// as many.
type Quantiles struct {
	Packets uint64 `json:"packets"` // retransmissions are left out where it is not certain which one arrived
	Min     int64  `json:"min"`
	Median  int64  `json:"median"`
	P95     int64  `json:"p95"`
	P99     int64  `json:"p99"`
	Max     int64  `json:"max"`
}

// Change is something that was altered on the way.
type Change struct {
	Kind      string  `json:"kind"`
	Option    string  `json:"option,omitempty"`
	Direction string  `json:"direction"` // to_server or to_client
	Count     uint64  `json:"count"`     // packets
	Of        uint64  `json:"of"`        // packets that were compared and had the option, or could have been altered so
	Before    uint64  `json:"before"`    // of them, unaltered before the first
	From      string  `json:"from"`      // of the first, as it was sent
	To        string  `json:"to"`        // as it arrived
	First     Example `json:"first"`
	Last      Example `json:"last"`
	Text      string  `json:"text"`
}

// Example is a packet's numbers in both captures; 0: it is not in that one.
type Example struct {
	Client uint64 `json:"client"`
	Server uint64 `json:"server"`
}

// Unmatched is a flow in one capture only.
type Unmatched struct {
	In      string         `json:"in"` // client or server
	From    netip.AddrPort `json:"from"`
	To      netip.AddrPort `json:"to"`
	Opened  bool           `json:"opened"` // From sent its SYN; else it is not known who opened it
	MPTCP   bool           `json:"mptcp"`
	Join    bool           `json:"join"`
	Packets uint64         `json:"packets"`
	Answers uint64         `json:"answers"`
	First   uint64         `json:"first"` // packet numbers
	Last    uint64         `json:"last"`
	Covered *bool          `json:"covered"` // the other capture was running all the time; null: the clocks cannot be compared

	tap      int
	from, to int64
}

// Totals sum up subflows that are not listed.
type Totals struct {
	Subflows uint64 `json:"subflows"`
	Lost     uint64 `json:"lost"`    // packets, both ways
	Altered  uint64 `json:"altered"` // subflows in which something was
}

func (t *Totals) add(p *pair) {
	t.Subflows++
	if len(p.changes) > 0 {
		t.Altered++
	}
	for i := range p.ways {
		sender := i
		if !p.forward && p.oriented {
			sender = 1 - i
		}
		t.Lost += p.ways[i].taps[sender].missed.packets
	}
}
