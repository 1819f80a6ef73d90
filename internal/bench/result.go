package bench

import (
	"net/netip"
	"time"
)

// Schema names the form of Result; a change that would break a reader changes
// its number.
const Schema = "allroads.bench/1"

// Result is what a test found out, as the client tells it. It is the documented
// JSON of `allroads bench client`. Times are in nanoseconds, rates in bits per
// second, and what is not known is null.
type Result struct {
	Schema      string         `json:"schema"`
	Test        Params         `json:"test"`
	Server      netip.AddrPort `json:"server"`
	Began       time.Time      `json:"began"`
	Complete    bool           `json:"complete"` // it came to its end
	Errors      []string       `json:"errors,omitempty"`
	Connections []Connection   `json:"connections"`
	Upload      *Flow          `json:"upload,omitempty"`
	Download    *Flow          `json:"download,omitempty"`
	Latency     *Times         `json:"latency,omitempty"`
	Intervals   []*Interval    `json:"intervals,omitempty"`
	Alone       []*AlonePath   `json:"alone,omitempty"` // the paths, each measured alone
	Verdicts    []Verdict      `json:"verdicts,omitempty"`
}

// Connection is one of the test's, at its end.
type Connection struct {
	Number       int            `json:"number"` // from 1
	Local        netip.AddrPort `json:"local"`  // of the initial subflow
	Remote       netip.AddrPort `json:"remote"`
	MPTCP        bool           `json:"mptcp"`
	Status       string         `json:"status"`        // as this end says
	ServerStatus *string        `json:"server_status"` // as the server says
}

// Flow is what went in one direction. Goodput counts what was delivered to the
// receiving program, by its own clock, from the first byte on.
type Flow struct {
	Bytes   *uint64        `json:"bytes"`
	Lasted  *time.Duration `json:"lasted"`
	Goodput *float64       `json:"goodput"`

	Subflows []Subflow `json:"subflows"`
	Paths    []Path    `json:"paths"` // the same by the addresses they are between

	// Received is what the receiver's kernel had from all subflows. Beyond are
	// those of it that the data stream had already, or not yet a use for. The rest
	// that was not delivered was waiting to be read.
	Received *uint64 `json:"received"`
	Beyond   *uint64 `json:"beyond"`

	Gap *Gap `json:"gap"` // the longest without data
}

// Subflow is one of the test's, or a whole connection where that is plain TCP. A
// subflow that both ends name alike has the counts of both.
type Subflow struct {
	Connection int            `json:"connection"`
	Client     netip.AddrPort `json:"client"`
	Server     netip.AddrPort `json:"server"`
	Interface  string         `json:"interface,omitempty"` // the client's
	Closed     bool           `json:"closed"`              // it went during the test; counts are the last seen

	Received        *uint64        `json:"received"` // by the receiver's kernel, each byte once
	Sent            *uint64        `json:"sent"`     // by the sender's, with those sent again
	Acked           *uint64        `json:"acked"`
	Retransmitted   *uint64        `json:"retransmitted"`   // bytes
	Retransmissions *uint64        `json:"retransmissions"` // segments
	RTT             *time.Duration `json:"rtt"`             // the sender's
	Goodput         *float64       `json:"goodput"`
}

// carried is what it carried, by the receiver's count if that is known, else by
// what the sender knows to have arrived.
func (s *Subflow) carried() uint64 {
	switch {
	case s.Received != nil:
		return *s.Received
	case s.Acked != nil:
		return *s.Acked
	}
	return 0
}

// Path is all that went between two addresses.
type Path struct {
	Place
	Subflows      int           `json:"subflows"`
	Bytes         uint64        `json:"bytes"`
	Retransmitted uint64        `json:"retransmitted"` // bytes, by the sender's count
	RTT           time.Duration `json:"rtt"`           // mean of those subflows that have one, 0: none
	Goodput       *float64      `json:"goodput"`
}

// Place is what a path is called by.
type Place struct {
	Client    netip.Addr `json:"client"`
	Server    netip.Addr `json:"server"`
	Interface string     `json:"interface,omitempty"` // the client's
}

// Times are how long requests took until their responses were there.
type Times struct {
	Responses  uint64        `json:"responses"`
	Unanswered uint64        `json:"unanswered"`
	Unsent     uint64        `json:"unsent"` // at a rate: too many were open when it was due
	Min        time.Duration `json:"min"`
	Mean       time.Duration `json:"mean"`
	P50        time.Duration `json:"p50"`
	P90        time.Duration `json:"p90"`
	P99        time.Duration `json:"p99"`
	P999       time.Duration `json:"p99_9"`
	Max        time.Duration `json:"max"`
}
