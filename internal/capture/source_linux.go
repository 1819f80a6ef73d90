package capture

import (
	"fmt"
	"io"
	"math"
	"slices"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A source is one ring of a merge. It takes in blocks as soon as the kernel hands
// them over and keeps them until all their frames are given out.
type source struct {
	ring  *Ring
	first int // Packet.Interface of the ring's first

	frames []frame // from next on not given out, by time
	next   int

	blocks []holding // of each of the ring's blocks
	oldest int       // block held
	held   int       // blocks from there on

	taken    uint64    // frames taken in since Open
	bound    int64     // no frame yet to come is older, in ns since 1970
	finished bool      // there are none to come
	deadline time.Time // for what is missing, once the ring was stopped

	// early says that the kernel stamps what arrives before it queues it for a
	// processor to deliver, instead of in tpacket_rcv (net_timestamp_check in
	// net/core/dev.c, sysctl net.core.netdev_tstamp_prequeue). It does so when
	// any socket of the machine asks for times of arrival, as time servers do.
	early bool
}

// A frame is in the ring, not given out.
type frame struct {
	time   int64  // ns since 1970
	offset uint32 // of its header in the ring
}

// A holding is a block taken in.
type holding struct {
	left   int   // frames not given out
	newest int64 // frame's time
	since  time.Time
}

// A cut leaves out the frames of the time it takes to stop all rings. It has an
// end because times from before a clock was set back may be later than any.
type cut struct{ from, to int64 } // ns since 1970, to included

func (c cut) leavesOut(at int64) bool { return at > c.from && at <= c.to }

func newSource(r *Ring, first int) *source {
	return &source{ring: r, first: first, blocks: make([]holding, r.socket.blocks())}
}

func (s *source) explain(err error) error {
	return fmt.Errorf("ring of interface %d on: %w", s.first, err)
}

// look takes in what the kernel has handed over and finds the bound.
func (s *source) look(now time.Time, c cut) error {
	last := s.ring.last.Load()
	if s.taken >= last {
		s.finished, s.bound = true, math.MaxInt64
		if s.ring.end != io.EOF {
			return s.ring.end
		}
		return nil
	}
	s.takeIn(now, last, c)
	stats, err := s.ring.Stats()
	if err != nil {
		return err
	}
	// The kernel counts a frame when it takes its place in the ring, and
	// stamps it later. With nothing counted but not handed over, what comes
	// has a time from now on.
	captured := stats.Packets - stats.Drops
	switch {
	case s.taken >= captured:
		s.bound = now.UnixNano()
	case last == math.MaxUint64:
	case s.deadline.IsZero():
		s.deadline = now.Add(drainLimit)
	case now.After(s.deadline):
		return fmt.Errorf("read ring: the kernel captured %d frames more than it handed over", captured-s.taken)
	}
	return nil
}

// takeIn lists the frames of blocks handed over. What follows a block is never
// older than its frames, as the kernel waits for them to be complete.
func (s *source) takeIn(now time.Time, last uint64, c cut) {
	r := s.ring
	if s.held == len(s.blocks) || !r.block.ready() {
		return
	}
	s.frames = append(s.frames[:0], s.frames[s.next:]...)
	s.next = 0
	for s.held < len(s.blocks) && r.block.ready() {
		number := r.number
		h := &s.blocks[number]
		*h = holding{since: now}
		s.list(h, last, c)
		s.bound = h.newest
		s.held++
		r.number = (r.number + 1) % len(s.blocks)
		r.block.memory = r.socket.block(r.number)
		s.release(number) // which may have only frames left out
	}
	older := func(a, b frame) int { return int(min(max(a.time-b.time, -1), 1)) }
	if !slices.IsSortedFunc(s.frames, older) {
		slices.SortStableFunc(s.frames, older)
	}
}

// list adds the frames of the ring's block to those not given out, up to the last
// that the ring had when it was stopped.
func (s *source) list(h *holding, last uint64, c cut) {
	b := &s.ring.block
	start := s.ring.number * s.ring.socket.blockSize
	for b.open(); b.left > 0; b.left-- {
		header := (*unix.Tpacket3Hdr)(unsafe.Pointer(&b.memory[b.next]))
		at := int64(header.Sec)*int64(time.Second) + int64(header.Nsec)
		s.early = s.early || header.Status&unix.TP_STATUS_TS_SOFTWARE != 0
		h.newest = max(h.newest, at)
		if s.taken < last && !c.leavesOut(at) {
			s.frames = append(s.frames, frame{at, uint32(start + b.next)})
			h.left++
		}
		s.taken++
		b.next += int(header.Next_offset)
	}
}

// due is the time before which frames have to be given out for the sake of room
// or of their age, whatever their order.
func (s *source) due(now time.Time) (before int64) {
	for i := range s.held {
		h := &s.blocks[(s.oldest+i)%len(s.blocks)]
		if h.left > 0 && (s.held-i > len(s.blocks)/2 || now.Sub(h.since) > patience) {
			before = max(before, h.newest+1)
		}
	}
	return before
}

// take gives out the next frame and tells the number of its block.
func (s *source) take(p *Packet) (number int, chosen bool) {
	offset := int(s.frames[s.next].offset)
	s.next++
	b := block{memory: s.ring.socket.memory, next: offset}
	position, chosen := s.ring.positions[b.read(p, s.ring.snapLen)]
	p.Interface = s.first + position
	number = offset / s.ring.socket.blockSize
	s.blocks[number].left--
	return number, chosen
}

// release gives a block back to the kernel if all its frames were given out.
func (s *source) release(number int) {
	if s.blocks[number].left > 0 {
		return
	}
	b := block{memory: s.ring.socket.block(number)}
	b.release()
	for s.held > 0 && s.blocks[s.oldest].left == 0 {
		s.oldest = (s.oldest + 1) % len(s.blocks)
		s.held--
	}
}
