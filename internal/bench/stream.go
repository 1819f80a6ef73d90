package bench

import (
	"sync"
	"sync/atomic"
	"time"

	"allroads/mptcp"
)

// stream is a connection of a test, at one end.
type stream struct {
	conn  *mptcp.Conn
	index int // from 0
	tally tally

	mu       sync.Mutex
	received uint64
	gaps     gaps
	over     bool // what comes now does not count
	err      error

	written atomic.Uint64
}

func newStream(conn *mptcp.Conn, index int) *stream {
	s := &stream{conn: conn, index: index}
	s.tally.conn = conn
	return s
}

// count counts data that arrived, and reports whether it still counts.
func (s *stream) count(n int) bool {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return false
	}
	s.received += uint64(n)
	s.gaps.arrival(now)
	return true
}

func (s *stream) delivered() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.received
}

// end ends the counting.
func (s *stream) end(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.gaps.end(now)
}

// fail keeps the first error of a connection, and reports whether this is it.
func (s *stream) fail(err error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil || s.over {
		return false
	}
	s.err = err
	return true
}

func (s *stream) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
