package capture

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Merge reads several rings, of as many network namespaces, as one sequence in
// the order of the packets' times. What is seen to leave one host and to arrive
// at another comes in that order, as the kernel stamps it twice with one clock.
// Read is for one goroutine; Stop, Stats and OutOfOrder are for any.
//
// A packet is given out once no ring can have an older one left. That is known
// from each ring's counters, not from timers, so that the order holds however
// late the kernel hands over its blocks. Usually a packet comes at most 25
// milliseconds after it was captured, with hundreds of rings some more, and 20
// more where the kernel stamps arrivals early (see early in source_linux.go). It
// is never kept for more than 250 milliseconds after its ring has handed it over,
// nor when its ring has no more than half of its room left: then order gives way,
// and OutOfOrder counts.
//
// Packets wait in the rings' memory. Merge adds 16 bytes for each, which is less
// than an eighth of what it takes there.
type Merge struct {
	sources []*source
	events  *events
	pause   time.Duration // between two looks at all rings, at least

	// The reader's.
	queue     queue[*source]
	watermark int64 // packets of before can be read, in ns since 1970
	looked    time.Time
	draining  bool    // Stop was seen
	early     bool    // some source's frames are stamped early
	end       error   // why there is nothing more to come
	reading   *source // has the last packet, in block number
	number    int
	newest    int64 // time of a packet given out, in ns since 1970

	outOfOrder atomic.Uint64

	mu      sync.Mutex // held while Stop or the reader goes through the rings
	stopped bool
	cut     cut
}

// NewMerge merges rings of which nothing has been read. They are the merge's
// from now on: it stops and closes them. Packet.Interface counts through all
// rings: the interfaces of the second follow those of the first, and so on. One
// ring alone is read as by Ring.Read, in the kernel's order.
func NewMerge(rings ...*Ring) (*Merge, error) {
	if len(rings) == 0 {
		return nil, errors.New("merge rings: no ring given")
	}
	m := &Merge{}
	first := 0
	for _, r := range rings {
		if r.socket.any && len(rings) > 1 {
			return nil, errors.New("merge rings: one of all interfaces, whose number is not known, has to be alone")
		}
		m.sources = append(m.sources, newSource(r, first))
		first += len(r.socket.links)
	}
	// Each ring looked at costs some half a microsecond.
	m.pause = time.Millisecond + time.Duration(len(rings))*10*time.Microsecond
	if len(rings) == 1 {
		return m, nil
	}
	var err error
	if m.events, err = watch(rings); err != nil {
		return nil, fmt.Errorf("merge rings: %w", err)
	}
	return m, nil
}

// Read waits for the next packet in the order of time; packets of the same time
// come in the order of the rings. p.Data is the kernel's memory, valid until the
// next Read or Close. The error is io.EOF once Stop was called and all packets
// from before it have been read, os.ErrClosed after Close. An error of one ring
// ends the merge, after the packets that the rings had handed over.
func (m *Merge) Read(p *Packet) error {
	if len(m.sources) == 1 {
		if err := m.sources[0].ring.Read(p); err != nil {
			return err
		}
		m.account(p.Time)
		return nil
	}
	m.release()
	for {
		if len(m.queue) > 0 && m.queue[0].time < m.watermark {
			if m.take(p) {
				return nil
			}
			continue
		}
		if m.end != nil {
			return m.end
		}
		if err := m.await(); err != nil {
			return err
		}
		m.look()
	}
}

// take gives out the oldest frame, unless it is of no chosen interface.
func (m *Merge) take(p *Packet) (chosen bool) {
	s, at := m.queue[0].of, m.queue[0].time
	m.reading = s
	m.number, chosen = s.take(p)
	if s.next < len(s.frames) {
		m.queue.later(s.frames[s.next].time)
	} else {
		m.queue.drop()
	}
	if !chosen {
		m.release()
		return false
	}
	m.account(at)
	return true
}

// release gives the block of the last packet back to the kernel if nothing in it
// is left.
func (m *Merge) release() {
	if m.reading != nil {
		m.reading.release(m.number)
		m.reading = nil
	}
}

func (m *Merge) account(at int64) {
	if at < m.newest {
		m.outOfOrder.Add(1)
		return
	}
	m.newest = at
}

// OutOfOrder returns how many packets Read gave out after one of a later time
// (reordered packets as of RFC 4737, section 3). The causes are in Merge's
// description, and clocks that are set back.
func (m *Merge) OutOfOrder() uint64 { return m.outOfOrder.Load() }

// Stop ends the capture: Read gives what was captured until now, then io.EOF,
// some 20 milliseconds later at most. Rings can only be stopped one after the
// other, and what they capture meanwhile is not given out: no packet is seen to
// arrive of which the departure is missing, even though Stats may count some.
// Stop may be called from another goroutine, and again.
func (m *Merge) Stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stopped {
		return
	}
	m.stopped = true
	m.cut.from = time.Now().UnixNano()
	for _, s := range m.sources {
		s.ring.Stop()
	}
	// A frame has its place in the ring, and is counted, before it has its time.
	m.cut.to = time.Now().Add(drainLimit).UnixNano()
	if m.events != nil {
		m.events.wake()
	}
}

// Stats returns the counters of each ring, with the number of its interfaces, as
// Writer.Close takes them.
func (m *Merge) Stats() ([]Stats, error) {
	stats := make([]Stats, len(m.sources))
	for i, s := range m.sources {
		var err error
		if stats[i], err = s.ring.Stats(); err != nil {
			return nil, s.explain(err)
		}
		stats[i].Interfaces = len(s.ring.socket.links)
	}
	return stats, nil
}

// Close closes all rings and invalidates the last packet. It is for the reading
// goroutine, or for any after Read returned io.EOF, and may be called again.
func (m *Merge) Close() error {
	m.Stop()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queue, m.reading, m.end = nil, nil, fmt.Errorf("read rings: %w", os.ErrClosed)
	var err error
	for _, s := range m.sources {
		s.frames = nil
		err = errors.Join(err, s.ring.Close())
	}
	if m.events != nil {
		err = errors.Join(err, m.events.close())
	}
	return err
}
