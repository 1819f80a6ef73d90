package daemon

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"allroads/internal/config"
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
