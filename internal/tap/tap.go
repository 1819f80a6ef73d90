// Package tap captures live packets: for those who look at them while they come,
// and to files.
package tap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"allroads/internal/capture"
	"allroads/internal/netns"
	"allroads/trace"
)

// Options say what is captured. The zero value is everything on all interfaces of
// the caller's namespace.
type Options struct {
	Namespace  *netns.NS // nil: the caller's; else open until Close
	Interfaces []string  // nil: all that have Ethernet frames, those that come later included
	Filter     capture.Filter
	SnapLen    int  // as of capture.Options
	RingBytes  int  // as of capture.Options
	Bulk       bool // as of capture.Options

	// Notice, if any, is told what becomes of the interfaces, from a goroutine
	// of its own or from Open, and not after Close.
	Notice func(Notice)
}

// The limits of Options.
const (
	MaxSnapLen = capture.MaxSnapLen
	MaxBuffer  = capture.MaxRingBytes
)

// ErrNoInterface ends a tap whose interfaces have all disappeared.
var ErrNoInterface = errors.New("no interface is left")

// Tap is a capture that runs. Next and Close are for one goroutine, the rest is
// for any.
type Tap struct {
	ring    *capture.Ring
	watch   *watch
	release func() bool // of the context
	packet  capture.Packet
	snapLen uint32
	gone    atomic.Bool // no interface is left
	names   atomic.Pointer[[]string]
	drops   atomic.Uint64 // when they were last known
}

// Open begins to capture. The errors are those of capture.Open: EPERM wrapped, with
// what it takes, where rights are missing. The capture ends with the context.
//
// Packets come in the order in which the kernel saw them, on all interfaces
// together. An interface that goes down is captured again when it is up; one that
// disappears does not come back, even under its name, unless all are captured.
func Open(ctx context.Context, o Options) (*Tap, error) {
	t := &Tap{snapLen: uint32(o.SnapLen)}
	if o.SnapLen == 0 {
		t.snapLen = capture.MaxSnapLen
	}
	var err error
	if t.watch, err = newWatch(o, t.end); err != nil {
		return nil, err
	}
	options := capture.Options{SnapLen: o.SnapLen, RingBytes: o.RingBytes, Filter: o.Filter, Bulk: o.Bulk}
	if o.Interfaces == nil {
		t.ring, err = capture.OpenAny(o.Namespace, options)
	} else {
		t.ring, err = capture.Open(o.Namespace, o.Interfaces, options)
	}
	if err == nil {
		err = t.begin(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Tap) begin(ctx context.Context) error {
	t.publish()
	if err := t.watch.begin(t.ring.Names()); err != nil {
		return err
	}
	t.release = context.AfterFunc(ctx, t.ring.Stop)
	return nil
}

// end is called when no interface is left.
func (t *Tap) end() {
	t.gone.Store(true)
	t.ring.Stop()
}

// publish makes the names known to other goroutines.
func (t *Tap) publish() {
	names := t.ring.Names()
	t.names.Store(&names)
}

// Next waits for the next packet. p.Data is valid until the next call, or Close.
// After the end of the context it gives what was captured before, then io.EOF;
// where no interface is left, ErrNoInterface, wrapped. A packet comes some 16
// milliseconds after it was captured at the latest, with Bulk 128.
func (t *Tap) Next(p *trace.Packet) error {
	c := &t.packet
	if err := t.read(c); err != nil {
		return err
	}
	*p = trace.Packet{Time: c.Time, Interface: c.Interface, Link: trace.Ethernet, Length: c.Length, Data: c.Data}
	return nil
}

func (t *Tap) read(p *capture.Packet) error {
	err := t.ring.Read(p)
	switch {
	case err == nil:
		if p.Interface >= len(*t.names.Load()) {
			t.publish()
		}
		return nil
	case errors.Is(err, io.EOF) && t.gone.Load():
		return fmt.Errorf("capture: %w", ErrNoInterface)
	}
	return err
}

// Interfaces lists the names of the interfaces, in the order that Packet.Interface
// counts. Where all are captured it grows: whatever a packet counts is in it when
// Next has returned. It is not to be modified.
func (t *Tap) Interfaces() []string { return *t.names.Load() }

// Drops is how many packets that passed the filter found no room in the kernel's
// ring until now.
func (t *Tap) Drops() uint64 {
	if stats, err := t.ring.Stats(); err == nil {
		t.drops.Store(stats.Drops)
	}
	return t.drops.Load()
}

// Close ends the capture and invalidates the last packet. It is for the goroutine
// that calls Next.
func (t *Tap) Close() error {
	if t.release != nil {
		t.release()
	}
	err := t.watch.close()
	if t.ring != nil {
		err = errors.Join(err, t.ring.Close())
	}
	return err
}
