package daemon

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"allroads/internal/config"
	"allroads/internal/rtnl"
	"allroads/pathmanager"

	"golang.org/x/sys/unix"
)

// subflow is an event of one from the second address.
func subflow(kind pathmanager.EventType, token pathmanager.Token) pathmanager.Event {
	e := established(token, "198.51.100.1:2000", "203.0.113.1:80")
	e.Type, e.LocalID = kind, new(uint8(2))
	return e
}

// TestRevives deletes and adds an endpoint from which the only subflow was lost, and not
// while another connection has one.
func TestRevives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, config.Default())
		var calls []string
		s.fake.Refuse = func(method string) error {
			if method == "AddEndpoint" || method == "DeleteEndpoint" {
				calls = append(calls, method)
			}
			return nil
		}
		s.play(t)
		for token := pathmanager.Token(1); token <= 2; token++ {
			s.listener.Emit(established(token, "192.0.2.1:1000", "203.0.113.1:80"))
			s.listener.Emit(subflow(pathmanager.SubflowEstablished, token))
		}
		lost := subflow(pathmanager.SubflowClosed, 1)
		lost.Error = new(uint8(unix.ETIMEDOUT))
		s.listener.Emit(lost)
		time.Sleep(30 * time.Second)
		s.ask(t.Context(), func() {
			if pending := s.manages.pending(); len(calls) != 2 || len(pending) != 1 {
				t.Errorf("calls %v, pending %+v", calls, pending)
			}
		})
		lost.Token = 2
		s.listener.Emit(lost)
		time.Sleep(30 * time.Second)
		s.ask(t.Context(), func() {
			if want := []string{"DeleteEndpoint", "AddEndpoint"}; len(calls) < 4 || !slices.Equal(calls[2:4], want) {
				t.Errorf("calls %v", calls)
			}
			story, known := s.manages.story(1)
			if !known || len(story.Entries) != 3 || story.Entries[2].Why != "connection timed out" {
				t.Errorf("story %+v", story)
			}
		})
		s.fake.Refuse = nil
		if got := s.endpoints(t); !slices.Equal(got, both) {
			t.Errorf("endpoints %v", got)
		}
		s.stop()
	})
}

// TestOtherLinksReviveNothing: a container that comes is no reason to try what was refused
// again at once, and a default route that changes is.
func TestOtherLinksReviveNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, config.Default())
		calls := 0
		s.play(t)
		s.listener.Emit(established(1, "192.0.2.1:1000", "203.0.113.1:80"))
		refused := subflow(pathmanager.SubflowClosed, 1)
		refused.Error = new(uint8(unix.ECONNREFUSED))
		s.listener.Emit(refused)
		s.fake.Refuse = func(method string) error {
			if method == "AddEndpoint" {
				calls++
			}
			return nil
		}
		synctest.Wait()
		for i := range 20 { // A second in all; the first wait after a refusal is longer than 3 s.
			s.network.change(false, func(p *rtnl.Picture) {
				p.Links = maps.Clone(p.Links)
				p.Links[10+i] = rtnl.Link{Index: 10 + i, Name: fmt.Sprint("veth", i), Kind: "veth", Up: true, Running: true}
				p.Addresses = append(p.Addresses, rtnl.Address{Link: 10 + i, Prefix: netip.MustParsePrefix("fe80::1/64"), Scope: unix.RT_SCOPE_LINK, Preferred: -1, Valid: -1})
			})
			time.Sleep(50 * time.Millisecond)
		}
		time.Sleep(time.Second)
		s.ask(t.Context(), func() {
			if calls != 0 {
				t.Errorf("%d endpoints made again when other links came", calls)
			}
		})
		s.network.change(false, func(p *rtnl.Picture) {
			p.Defaults = slices.Clone(p.Defaults)
			p.Defaults[1].Via = netip.MustParseAddr("198.51.100.254")
		})
		time.Sleep(100 * time.Millisecond)
		s.ask(t.Context(), func() {
			if calls != 1 {
				t.Errorf("%d endpoints made again when the router changed, want 1", calls)
			}
		})
		s.stop()
	})
}

// TestClosedConnectionsAreForgotten but for the last ones' stories.
func TestClosedConnectionsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, config.Default())
		s.play(t)
		for token := pathmanager.Token(1); token <= 1000; token++ {
			e := established(token, "192.0.2.1:1000", "203.0.113.1:80")
			s.listener.Emit(e)
			e.Type = pathmanager.SubflowClosed
			s.listener.Emit(e)
			e.Type = pathmanager.Closed
			s.listener.Emit(e)
		}
		synctest.Wait()
		s.ask(t.Context(), func() {
			k := s.manages.(*kernelPaths)
			if len(k.connections) != 0 || len(k.live) != 0 || len(k.odd) != 0 || len(s.census.live) != 0 || s.census.seen != 1000 {
				t.Errorf("%d connections, %v, %d odd, %d of %d live", len(k.connections), k.live, len(k.odd), len(s.census.live), s.census.seen)
			}
			if _, known := k.story(1000); !known {
				t.Error("the story of the last one is forgotten")
			}
			if _, known := k.story(1); known {
				t.Error("that of the first one is not")
			}
		})
		s.stop()
	})
}
