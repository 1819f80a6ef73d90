// Package bothends compares the captures of both ends of the same connections: what
// was lost, delayed, reordered or altered between them. It reads both once, side by
// side, and keeps what is under way, so that memory does not grow with their length.
package bothends

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"

	"allroads/trace"
)

// Options say what is compared besides flows with MPTCP options at either end.
type Options struct {
	TCP bool // flows without, too
}

// Limits of what is kept.
const (
	waitingAtMost = 1 << 17 // packets of flows not matched, in each capture
	looseAtMost   = 1 << 17 // packets of matched flows that wait for the other's, in each capture
	flowsAtMost   = 1 << 16 // not matched, in each capture
	listedAtMost  = 500     // flows in the result, matched, and as many that are not
	sweepEvery    = 1 << 15 // packets, after which it is looked what is over
)

// Times, nanoseconds.
const (
	second  = int64(1e9)
	horizon = 20 * second // what did not arrive in this time never will
	linger  = 60 * second // a closed flow may get packets for so long
	asleep  = 600 * second
)

// ErrNothingInCommon: no flow is in both captures.
var ErrNothingInCommon = errors.New("no flow is in both captures")

// comparison is a comparison under way. Capture 0 is the client's, as far as the
// caller knows.
type comparison struct {
	options   Options
	seed      maphash.Seed
	taps      [2]*tap
	pace      pace
	clock     clock
	pairs     []*pair // open
	forgotten uint64  // packets of flows that were not matched in time
	result    Result
	segment   trace.Segment
	spare     []*packet
	holes     []piece
	turned    [2]int // pairs whose opener is nearer to this capture
	seen      int    // pairs
	sizes     [2]int
	listed    []*pair
	hidden    Totals
}

// Compare reads both captures to their ends. A capture that ends in an error is
// compared as far as it goes, and the result says so. The error wraps
// ErrNothingInCommon when no flow is in both; the result lists what is in each then.
// When ctx ends, its error is returned.
func Compare(ctx context.Context, client, server Source, o Options) (*Result, error) {
	c := &comparison{options: o, seed: maphash.MakeSeed()}
	for i, source := range []Source{client, server} {
		c.taps[i] = &tap{number: i, source: source, flows: map[tuple]*flow{}, index: map[uint64]sighting{}}
		c.taps[i].read()
	}
	for n := 1; ; n++ {
		t := c.choose()
		if t == nil {
			break
		}
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("compare captures: %w", context.Cause(ctx))
		}
		c.add(t)
		t.read()
		if n%sweepEvery == 0 {
			c.sweep(false)
		}
	}
	c.sweep(true)
	return c.finish()
}

// choose is the capture to read on: the one that is behind, so that packets are seen
// to be sent before they are seen to arrive; unless it holds too much already.
func (c *comparison) choose() *tap {
	a, b := c.taps[0], c.taps[1]
	switch {
	case a.ended && b.ended:
		return nil
	case a.ended:
		return b
	case b.ended:
		return a
	}
	if b.packet.Time-c.pace.offset() < a.packet.Time {
		a, b = b, a
	}
	if a.full() && !b.full() {
		return b
	}
	return a
}

func (t *tap) full() bool { return t.waiting >= waitingAtMost || t.loose >= looseAtMost }

// add takes the capture's next packet.
func (c *comparison) add(t *tap) {
	s := &c.segment
	if !t.decode(s) {
		return
	}
	f, way := c.flow(t, s)
	if f.see(s, way, t.counts.Packets) {
		t.counts.Copies++
		return
	}
	if len(s.Options) > 0 && (!f.mptcp || !f.identity.hasToken) {
		f.mptcp = f.identity.learn(s.Options) || f.mptcp
	}
	p := c.packet()
	if f.pair != nil {
		c.addMatched(f, way^f.turned, p)
		return
	}
	p.take(s, t.packet.Data, t.counts.Packets, 0)
	c.keepEarly(f, way, p)
	c.notePayload(f, way, s)
	c.recognize(f, way, s)
}

// addMatched takes a packet of a flow that both captures have.
func (c *comparison) addMatched(f *flow, way int, x *packet) {
	t, p := f.tap, f.pair
	x.take(&c.segment, t.packet.Data, t.counts.Packets, p.ways[way].shiftAt(t.number))
	if len(p.queue[0])+len(p.queue[1]) == 0 && c.due(t.number, x.at) {
		c.deliver(p, t.number, way, x)
		return
	}
	p.queue[t.number] = append(p.queue[t.number], early{x, way})
	t.waiting++
	c.advance(p, false)
}

func (c *comparison) packet() *packet {
	if n := len(c.spare); n > 0 {
		p := c.spare[n-1]
		c.spare = c.spare[:n-1]
		return p
	}
	return new(packet)
}

func (c *comparison) drop(p *packet) {
	if len(c.spare) < 4096 {
		c.spare = append(c.spare, p)
	}
}
