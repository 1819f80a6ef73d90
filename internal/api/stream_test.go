package api

import (
	"strconv"
	"sync"
	"testing"

	"allroads/internal/control"
)

func TestStream(t *testing.T) {
	s := NewStream(4)
	publish := func(from, to int) {
		for i := from; i < to; i++ {
			s.Publish(control.Event{Text: strconv.Itoa(i)})
		}
	}
	publish(0, 6)
	at, into := s.read(), make([]control.Event, 3)
	take := func(wantMissed uint64, want ...string) {
		t.Helper()
		n, missed, more := at.take(into)
		if n != len(want) || missed != wantMissed || (more != nil) != (n == 0) {
			t.Fatalf("%d events, %d missed, %v", n, missed, more)
		}
		for i := range want {
			if into[i].Text != want[i] || into[i].Schema != control.EventSchema {
				t.Errorf("%+v, want %s", into[i], want[i])
			}
		}
	}
	take(0, "2", "3", "4") // a new reader has missed nothing
	take(0, "5")
	take(0)
	publish(6, 16)
	take(6, "12", "13", "14")
	publish(16, 17)
	take(0, "15", "16")
	take(0)
	if kept := s.kept(); len(kept) != 4 || kept[0].Text != "13" {
		t.Errorf("kept: %v", kept)
	}
	if kept := NewStream(0).kept(); len(kept) != 0 {
		t.Errorf("kept of nothing: %v", kept)
	}
}

// TestStreamMany: with many readers at once each event is read or told as missed, in order.
func TestStreamMany(t *testing.T) {
	const events = 20_000
	s := NewStream(128)
	var readers sync.WaitGroup
	for range 8 {
		at := s.read()
		readers.Go(func() {
			into, next := make([]control.Event, 7), 0
			for next < events {
				n, missed := at.await(t.Context(), into)
				next += int(missed)
				for _, e := range into[:n] {
					if e.Text != strconv.Itoa(next) {
						t.Errorf("event %s, want %d", e.Text, next)
						return
					}
					next++
				}
			}
		})
	}
	for i := range events {
		s.Publish(control.Event{Text: strconv.Itoa(i)})
	}
	readers.Wait()
}

// TestPublishAllocates nothing where nobody waits.
func TestPublishAllocates(t *testing.T) {
	s := NewStream(16)
	if n := testing.AllocsPerRun(100, func() { s.Publish(control.Event{Kind: "address"}) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
