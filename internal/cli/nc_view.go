package cli

import (
	"fmt"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"allroads/internal/netcat"
	"allroads/mptcp"
)

// ncView tells on standard error what nc -v does.
type ncView struct {
	out     *screen
	several bool // connections, so that each line has to say whose it is
	mu      sync.Mutex
}

func (v *ncView) observer() netcat.Observer {
	return netcat.Observer{
		Listening: v.listening, Connected: v.connected, Changed: v.changed, Ended: v.ended, Failed: v.failed,
	}
}

func (v *ncView) say(format string, args ...any) {
	v.out.printf("allroads: %s\n", fmt.Sprintf(format, args...))
}

func (v *ncView) listening(at netip.AddrPort, kind mptcp.Kind) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if kind == mptcp.KindMPTCP {
		v.say("listening on %s", at)
	} else {
		v.say("listening on %s, for plain tcp only: this system has no MPTCP sockets", at)
	}
}

func (v *ncView) connected(s netcat.State) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if s.Accepted {
		v.say("connection from %s to %s: %s", s.Remote, s.Local, v.kind(s))
	} else {
		v.say("connected to %s from %s: %s", s.Remote, s.Local, v.kind(s))
	}
}

func (v *ncView) changed(s netcat.State) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.say("%s%s", v.whose(s.Remote), v.kind(s))
}

func (v *ncView) whose(peer netip.AddrPort) string {
	if !v.several || !peer.IsValid() {
		return ""
	}
	return peer.String() + ": "
}

func (v *ncView) failed(peer netip.AddrPort, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.say("%s%s", v.whose(peer), oneLine(err))
}

// kind is what a connection is, in colour on a terminal.
func (v *ncView) kind(s netcat.State) string {
	if s.Status.Kind != mptcp.KindMPTCP {
		return v.out.paint(red, s.Status.String())
	}
	color := ""
	if s.Established > 1 {
		color = green
	}
	return v.out.paint(color, "mptcp with "+plural(s.Established, "subflow"))
}

func (v *ncView) ended(s netcat.Summary) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.say("%ssent %s, received %s in %v", v.whose(s.Remote), bytesIn(s.Sent), bytesIn(s.Received), s.Took.Round(time.Millisecond))
	if s.Status.Kind == mptcp.KindFallback {
		v.say("%s%s", v.whose(s.Remote), v.kind(s.State))
	}
	for _, f := range s.Shares {
		atLeast := ""
		if f.AtLeast {
			atLeast = "at least "
		}
		v.say("%s  %s to %s: sent %s%d, received %s%d", v.whose(s.Remote), f.Local, f.Remote, atLeast, f.Sent, atLeast, f.Received)
	}
}

// bytesIn says a number of bytes that may not be known.
func bytesIn(n *uint64) string {
	switch {
	case n == nil:
		return "an unknown number of bytes"
	case *n == 1:
		return "1 byte"
	}
	return strconv.FormatUint(*n, 10) + " bytes"
}
