package pathtest_test

import (
	"context"
	"io"
	"net/netip"
	"slices"
	"time"

	"allroads/mptcp"
	"allroads/pathmanager"
)

// talk is a connection of the client over which a kilobyte goes each few milliseconds.
type talk struct {
	*mptcp.Conn
	site *site
	stop chan struct{}
	done chan struct{}
}

// pace is the time between two pieces of a talk.
const pace = 4 * time.Millisecond

// talk connects to a sink, and goes on until the test ends.
func (s *site) talk(to string) *talk {
	s.Helper()
	return s.talkBy(&mptcp.Dialer{Timeout: patience}, to)
}

func (s *site) talkBy(d *mptcp.Dialer, to string) *talk {
	s.Helper()
	t := &talk{site: s, stop: make(chan struct{}), done: make(chan struct{})}
	must(s, s.client.Run(func() (err error) {
		t.Conn, err = d.Dial(context.Background(), netip.MustParseAddrPort(to))
		return err
	}))
	go func() { _, _ = io.Copy(io.Discard, t.TCPConn) }()
	go t.speak()
	s.Cleanup(t.end)
	return t
}

func (t *talk) speak() {
	defer close(t.done)
	piece := make([]byte, 1000)
	for tick := time.NewTicker(pace); ; {
		if _, err := t.Write(piece); err != nil {
			return
		}
		select {
		case <-t.stop:
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}

func (t *talk) end() {
	select {
	case <-t.stop:
		return
	default:
		close(t.stop)
	}
	t.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	<-t.done
	t.Close()
}

// token is the connection's, on the client.
func (t *talk) token() pathmanager.Token {
	t.site.Helper()
	info, err := t.Info()
	must(t.site, err)
	return pathmanager.Token(info.Token)
}

// paths are the established subflows: local address > remote one.
func (t *talk) paths() (all []string) {
	t.site.Helper()
	subflows, err := t.Subflows()
	must(t.site, err)
	for _, f := range subflows {
		if f.State == mptcp.StateEstablished {
			all = append(all, f.Local.Addr().String()+" > "+f.Remote.String())
		}
	}
	slices.Sort(all)
	return all
}
