package bench

import (
	"errors"
	"fmt"
	"time"
)

// Mode is what is measured.
type Mode string

// The modes.
const (
	Throughput Mode = "throughput" // as much as goes through
	Latency    Mode = "latency"    // requests, and the time until the response
	Failover   Mode = "failover"   // as Throughput; the longest gap is what counts
)

// Direction is where data goes, as seen by the client.
type Direction string

// The directions.
const (
	Upload   Direction = "upload"
	Download Direction = "download"
	Both     Direction = "both"
)

// Params are what client and server have to agree on.
type Params struct {
	Mode        Mode          `json:"mode"`
	Direction   Direction     `json:"direction"`
	Connections int           `json:"connections"`        // 1 to MaxConnections
	Duration    time.Duration `json:"duration,omitempty"` // 0: until Bytes are there
	Bytes       uint64        `json:"bytes,omitempty"`    // in each direction, by all connections; 0: no limit
	Size        int           `json:"size,omitempty"`     // bytes of a request and of its response
	Rate        float64       `json:"rate,omitempty"`     // requests per second and connection, 0: one after the other
	Discard     bool          `json:"discard,omitempty"`  // the receiver has the kernel throw data away
}

// Limits of Params.
const (
	MaxConnections = 128
	MaxDuration    = 24 * time.Hour
	MaxSize        = 1 << 20
	MaxRate        = 1e6
	maxBytes       = 1 << 60
)

// Check finds what cannot be measured. Whoever gets Params from elsewhere has to
// call it.
func (p *Params) Check() error {
	switch {
	case p.Mode != Throughput && p.Mode != Latency && p.Mode != Failover:
		return fmt.Errorf("%q is no kind of test", p.Mode)
	case p.Direction != Upload && p.Direction != Download && p.Direction != Both:
		return fmt.Errorf("%q is no direction", p.Direction)
	case p.Connections < 1 || p.Connections > MaxConnections:
		return fmt.Errorf("%d connections: there may be 1 to %d", p.Connections, MaxConnections)
	case p.Duration < 0 || p.Duration > MaxDuration:
		return fmt.Errorf("duration %v: not a time span up to %v", p.Duration, MaxDuration)
	case p.Bytes > maxBytes:
		return fmt.Errorf("%d bytes: more than can be counted", p.Bytes)
	case p.Duration == 0 && p.Bytes == 0:
		return errors.New("no end: neither a duration nor a number of bytes")
	case p.Mode == Latency:
		return p.checkLatency()
	}
	return nil
}

func (p *Params) checkLatency() error {
	switch {
	case p.Size < 1 || p.Size > MaxSize:
		return fmt.Errorf("requests of %d bytes: they may have 1 to %d", p.Size, MaxSize)
	case !(p.Rate >= 0 && p.Rate <= MaxRate): // NaN too
		return fmt.Errorf("%v requests per second: there may be up to %d", p.Rate, int(MaxRate))
	case p.Duration == 0 || p.Bytes != 0:
		return errors.New("latency is measured for a time, not for a number of bytes")
	}
	return nil
}

// share is how many of Bytes the connection with an index carries.
func (p *Params) share(index int) uint64 {
	n := uint64(p.Connections)
	share := p.Bytes / n
	if uint64(index) < p.Bytes%n {
		share++
	}
	return share
}

func (p *Params) goes(d Direction) bool { return p.Direction == d || p.Direction == Both }
