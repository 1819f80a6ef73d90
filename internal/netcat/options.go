package netcat

import (
	"io"
	"time"
)

// Options say what is done with a connection once it is there.
type Options struct {
	Input  io.Reader // is sent
	Output io.Writer // gets what is received; one that is an io.Closer is closed at the peer's end
	// Interactive says that the input is a person's: nobody has to press Enter
	// once more when the peer has ended.
	Interactive bool

	Program *Program // instead of Input and Output, one for each connection

	Idle       time.Duration  // how long nothing may be sent, received or acknowledged; 0: for ever
	NoPath     time.Duration  // how long an MPTCP connection may be without subflows; 0: as the kernel has it
	Quit       *time.Duration // how long the peer may go on when the input has ended, and has arrived; nil: for ever
	CRLF       bool           // end the lines that are sent with CR LF
	NoShutdown bool           // do not tell the peer when the input ends
	SendOnly   bool           // discard what is received, end with the input
	RecvOnly   bool           // leave the input alone, end with the peer

	Raw, Hex io.Writer // get what is sent and received, as it is and in hexadecimal; may be nil

	RequireMPTCP    bool          // a connection that is not MPTCP, or no longer at its end, is a *PeerError
	Subflows        int           // wait for so many established subflows, after the first bytes at the latest; 0: do not
	SubflowsTimeout time.Duration // how long that may take; 0: for ever

	Observer Observer
}

// copies reports whether bytes have to pass through this process: a program has
// the socket itself otherwise.
func (o *Options) copies() bool {
	return o.Program == nil || o.Idle > 0 || o.CRLF || o.Raw != nil || o.Hex != nil || o.SendOnly || o.RecvOnly || o.Subflows > 0
}
