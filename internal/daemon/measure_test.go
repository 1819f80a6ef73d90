package daemon

import (
	"context"
	"iter"
	"net/netip"
	"testing"
	"time"

	"allroads/internal/config"
	"allroads/internal/steering"
	"allroads/mptcp"
	"allroads/pathmanager"
	"allroads/sockdiag"
)

// costly are sockets whose listing keeps a processor busy.
type costly struct {
	fakeSockets
	cost  time.Duration
	times int
}

func (s *costly) Connections(ctx context.Context, filter sockdiag.Filter) iter.Seq2[*sockdiag.Connection, error] {
	s.times++
	for begun := threadTime(); threadTime()-begun < s.cost; {
	}
	return s.fakeSockets.Connections(ctx, filter)
}

// TestShare: measuring takes a tenth of a processor at most, however long it takes each time.
func TestShare(t *testing.T) {
	s := newStage(t, &config.Config{Strategy: config.Strategy{Kind: config.Handover}})
	sockets := &costly{cost: 20 * time.Millisecond}
	s.system.sockets, s.mode = sockets, config.Userspace
	u := newUserPaths(s.worker)
	local, remote := netip.MustParseAddrPort("192.0.2.1:1000"), netip.MustParseAddrPort("203.0.113.7:443")
	use := config.InterfaceSettings{Role: config.Use}
	now := time.Now()
	u.step(now, steering.Network{Locals: []steering.Local{
		{Addr: local.Addr(), Link: 1, ID: 1, Settings: use},
		{Addr: netip.MustParseAddr("198.51.100.1"), Link: 2, ID: 2, Settings: use},
	}})
	for _, kind := range []pathmanager.EventType{pathmanager.Created, pathmanager.Established} {
		u.step(now, steering.Event{Event: pathmanager.Event{
			Type: kind, Token: 1, Source: local.Addr(), Destination: remote.Addr(), SourcePort: new(local.Port()), DestinationPort: new(remote.Port()),
		}})
	}
	sockets.list = []*sockdiag.Connection{{
		Local: local, Remote: remote, Info: mptcp.Info{Token: 1},
		Subflows: []sockdiag.Subflow{{Local: local, Remote: remote, State: mptcp.StateEstablished}},
	}}
	for end := now.Add(10 * time.Second); now.Before(end); now = now.Add(10 * time.Millisecond) {
		u.moved = true // Something happens all the time.
		u.takeMeasure(now)
	}
	if sockets.times < 20 || sockets.times > 51 {
		t.Errorf("measured %d times in 10 s, for 20 ms each", sockets.times)
	}
	if d := processor(func() { time.Sleep(50 * time.Millisecond) }); d > 20*time.Millisecond {
		t.Errorf("to sleep takes a processor for %s", d)
	}
}
