package bench

import (
	"net/netip"
	"time"

	"allroads/mptcp"
)

// DefaultPort is the server's: the number of the RFC.
const DefaultPort = 8684

// DefaultTimeout is how long the other end may be silent.
const DefaultTimeout = 20 * time.Second

// Options say what a client measures, and how. Zero values are those of the
// command where nothing else is said.
type Options struct {
	Host    string         // a name or an address
	Port    uint16         // 0: DefaultPort
	Params  Params         // what the test is
	Source  mptcp.Source   // where connections start, zero: where the kernel likes
	Race    []mptcp.Source // the first handshake is raced over these
	Timeout time.Duration  // of silence, and of connecting; 0: DefaultTimeout
	Wait    time.Duration  // go on trying so long while the server is busy or not there

	Subflows     int           // each connection has to have so many before it begins
	RequireMPTCP bool          // plain TCP is an error
	Interval     time.Duration // between reports of progress, 0: none
	PathTime     time.Duration // measure each path alone for so long, 0: do not

	Observer Observer

	plain bool           // plain TCP, to measure one path
	at    netip.AddrPort // the server's address for that
}

// Observer is told what happens while it happens. Its functions may be nil.
type Observer struct {
	Connected func([]Connection) // the connections of the test are there
	Interval  func(*Interval)    // so much went since the last time
	Alone     func(*AlonePath)   // a path is going to be measured alone
}

func (o *Options) timeout() time.Duration {
	if o.Timeout > 0 {
		return o.Timeout
	}
	return DefaultTimeout
}

func (o *Options) port() uint16 {
	if o.Port != 0 {
		return o.Port
	}
	return DefaultPort
}
