package daemon

import (
	"sync"
	"testing"
	"time"

	"allroads/internal/config"
	"allroads/internal/rtnl"
	"allroads/pathmanager"
)

// TestTurns has both goroutines of a worker busy at once, in both modes, and ends it
// meanwhile. The race detector is the judge; whoever asks has an answer or none, and
// waits for ever in no case.
func TestTurns(t *testing.T) {
	for _, mode := range []config.Mode{config.Kernel, config.Userspace} {
		c := config.Default()
		c.Mode = mode
		s := newStage(t, c)
		s.play(t)
		var group sync.WaitGroup
		group.Go(func() {
			for token := pathmanager.Token(1); token <= 2000; token++ {
				e := established(token, "192.0.2.1:1000", "203.0.113.1:80")
				s.listener.Emit(e)
				e.Type = pathmanager.Closed
				s.listener.Emit(e)
			}
		})
		group.Go(func() {
			for i := range 50 {
				s.network.change(i%10 == 0, func(p *rtnl.Picture) { p.Defaults[1].Metric = uint32(i) })
			}
		})
		answered := 0
		for range 200 {
			if s.ask(t.Context(), func() { s.status() }) {
				answered++
			}
		}
		group.Wait()
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			var seen uint64
			s.ask(t.Context(), func() { seen = s.census.seen })
			if seen == 2000 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d of 2000 connections seen", seen)
			}
		}
		for range 4 {
			group.Go(func() {
				for s.ask(t.Context(), func() {}) {
				}
			})
		}
		s.stop()
		group.Wait()
		if answered != 200 {
			t.Errorf("%d of 200 questions answered", answered)
		}
	}
}
