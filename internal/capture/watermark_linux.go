package capture

import (
	"io"
	"math"
	"time"
)

const (
	// earlyLimit is how long a stamped packet may wait for the processor that
	// delivers it (see early). It is a guess: a busy machine's scheduler has
	// no limit.
	earlyLimit = 20 * time.Millisecond

	// patience is how long a block is held for the sake of order. The kernel's
	// timers are seldom late by so much; a clock that was set back is.
	patience = 250 * time.Millisecond
)

// await returns when it is time to look at the rings again.
func (m *Merge) await() error {
	if len(m.queue) == 0 && !m.draining {
		if err := m.events.wait(); err != nil {
			return err
		}
	}
	time.Sleep(m.pause - time.Since(m.looked))
	return nil
}

// look takes in what the rings have handed over and moves the watermark.
func (m *Merge) look() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.draining = m.stopped
	m.watermark = math.MaxInt64
	finished := 0
	for _, s := range m.sources {
		if err := s.look(now, m.cut); err != nil && m.end == nil {
			m.end = s.explain(err)
		}
		if s.finished {
			finished++
		}
		m.watermark = min(m.watermark, s.bound)
		m.early = m.early || s.early
	}
	if finished == len(m.sources) && m.end == nil {
		m.end = io.EOF
	}
	m.move(now)
	m.fill()
	m.looked = time.Now()
}

// move corrects the watermark by what the rings' bounds do not say.
func (m *Merge) move(now time.Time) {
	if m.end != nil {
		m.watermark = math.MaxInt64
		return
	}
	if m.early {
		m.watermark -= earlyLimit.Nanoseconds()
	}
	for _, s := range m.sources {
		m.watermark = max(m.watermark, s.due(now))
	}
}

// fill starts the queue anew.
func (m *Merge) fill() {
	m.queue = m.queue[:0]
	for _, s := range m.sources {
		if s.next < len(s.frames) {
			m.queue = append(m.queue, queued[*source]{s.frames[s.next].time, s.first, s})
		}
	}
	m.queue.order()
}
