package api

import (
	"context"
	"sync"

	"allroads/internal/control"
)

// Stream is the latest events, and those to come. Each reader has a place in it, and
// nothing else: who is too slow loses the oldest, and costs nothing.
type Stream struct {
	mutex  sync.Mutex
	ring   []control.Event
	number uint64        // of events that were published
	more   chan struct{} // closed by the next event; nil where nobody waits
}

// NewStream keeps the given number of events, at least one.
func NewStream(kept int) *Stream {
	return &Stream{ring: make([]control.Event, max(kept, 1))}
}

// Publish never waits for a reader. The schema is filled in.
func (s *Stream) Publish(event control.Event) {
	event.Schema = control.EventSchema
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.ring[s.number%uint64(len(s.ring))] = event
	s.number++
	if s.more != nil {
		close(s.more)
		s.more = nil
	}
}

// oldest is the number of the first event that is kept.
func (s *Stream) oldest() uint64 {
	return s.number - min(s.number, uint64(len(s.ring)))
}

// kept are the events that are.
func (s *Stream) kept() []control.Event {
	at, events := s.read(), make([]control.Event, len(s.ring))
	n, _, _ := at.take(events)
	return events[:n]
}

// reader is somebody's place in a stream.
type reader struct {
	stream *Stream
	next   uint64
}

// read begins with the oldest event that is kept.
func (s *Stream) read() *reader {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return &reader{s, s.oldest()}
}

// take copies as many of the next events as there are and as fit, and tells how many
// before them are lost. Where there is none, more is closed when that changes.
func (r *reader) take(into []control.Event) (n int, missed uint64, more <-chan struct{}) {
	s := r.stream
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if oldest := s.oldest(); r.next < oldest {
		missed, r.next = oldest-r.next, oldest
	}
	for ; n < len(into) && r.next < s.number; n++ {
		into[n] = s.ring[r.next%uint64(len(s.ring))]
		r.next++
	}
	if n == 0 {
		if s.more == nil {
			s.more = make(chan struct{})
		}
		more = s.more
	}
	return n, missed, more
}

// await is take, but waits for the first event. Without one the context is over.
func (r *reader) await(ctx context.Context, into []control.Event) (n int, missed uint64) {
	for {
		n, missed, more := r.take(into)
		if n > 0 {
			return n, missed
		}
		select {
		case <-more:
		case <-ctx.Done():
			return 0, 0
		}
	}
}
