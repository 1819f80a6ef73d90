package impair

import (
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A flow carries the frames of one direction. All but its pending parameters
// belong to the link's thread.
type flow struct {
	direction Direction
	in, out   *socket
	inspect   func(Direction, []byte) ([]byte, bool)
	pending   atomic.Pointer[Params] // set, but not yet by the model
	model     *Model
	buffers   buffers
	lanes     lanes
	batch     batch
	blocked   bool // by the socket out, until it takes more
	stats     Stats
}

// otherWay makes the seed of the second direction another one: bits of the golden
// ratio.
const otherWay = 0x9e3779b97f4a7c15

func newFlow(d Direction, in, out *socket, p Params, o Options) (*flow, error) {
	seed := o.Seed
	if d == BToA {
		seed ^= otherWay
	}
	model, err := NewModel(p, seed)
	if err != nil {
		return nil, err
	}
	size := max(in.mtu, out.mtu) + etherHeader + 2*vlanTag
	return &flow{
		direction: d, in: in, out: out, inspect: o.Inspect, model: model,
		buffers: buffers{size: size, limit: max(batchSize, o.Memory/size)},
	}, nil
}

// receive reads what is there, up to a batch.
func (f *flow) receive(now moment) (any bool) {
	if f.pending.Load() != nil {
		_ = f.model.Set(*f.pending.Swap(nil)) // Link.Set has seen that it can.
	}
	for range batchSize {
		if !f.in.ring.ready() {
			return any
		}
		f.take(now)
		f.in.ring.release()
		any = true
	}
	return any
}

// take reads one frame and decides what becomes of it.
func (f *flow) take(now moment) {
	frame, ok := f.in.ring.frame()
	if !ok {
		f.stats.Unfit++
		return
	}
	if f.inspect != nil {
		out, drop := f.inspect(f.direction, frame)
		if drop {
			f.stats.Inspected++
			return
		}
		if len(out) < etherHeader {
			f.stats.Unfit++
			return
		}
		frame = out
	}
	fate := f.model.Arrive(now.when(f.in.ring.arrived()), len(frame))
	for _, d := range fate.Departures[:fate.Copies] {
		f.hold(frame, d)
	}
}

func (f *flow) hold(frame []byte, d Departure) {
	if len(frame) > f.buffers.size {
		f.stats.Refused++
		return
	}
	buffer := f.buffers.copy(frame)
	if buffer == nil {
		f.stats.Overflow++
		return
	}
	f.lanes.hold(buffer, d)
}

// send sends what is due, up to a batch. The error ends the link.
func (f *flow) send(now moment) (any bool, err error) {
	for !f.batch.full() {
		frame := f.lanes.leave(now.since)
		if frame == nil {
			break
		}
		f.batch.add(frame)
	}
	f.blocked = false
	if f.batch.empty() {
		return false, nil
	}
	n, err := f.batch.send(f.out.fd)
	for range n {
		frame := f.batch.take()
		f.stats.Sent.add(len(frame))
		f.buffers.put(frame)
	}
	if err != nil {
		err = f.refused(err)
	}
	return !f.blocked, err
}

// refused handles the kernel's answer to the first frame of the batch.
func (f *flow) refused(err error) error {
	switch {
	case errors.Is(err, unix.EINTR):
		return nil
	case errors.Is(err, unix.EAGAIN):
		f.blocked = true
		return nil
	}
	f.stats.Refused++
	f.buffers.put(f.batch.take())
	if errors.Is(err, unix.ENXIO) || errors.Is(err, unix.ENODEV) {
		return f.out.fault()
	}
	return nil
}

// next returns when there is something to send, as far as time goes.
func (f *flow) next() time.Duration {
	if f.blocked {
		return never
	}
	return f.lanes.next()
}

// read returns the counters.
func (f *flow) read() Stats {
	s := f.stats
	s.Counters = f.model.Counters()
	s.Waiting = f.buffers.used
	return s
}
