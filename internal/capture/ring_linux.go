package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Ring is a running capture: memory shared with the kernel, which writes frames
// into it in the order it sees them (TPACKET_V3, packet_mmap.rst in the kernel's
// Documentation/networking). One socket serves all interfaces, so that their
// frames are in one order, too. Read is for one goroutine; Stop and Stats are for
// any.
type Ring struct {
	snapLen   int
	positions map[int32]int // in names, of interfaces by index
	names     []string
	poll      syscall.RawConn
	isReady   func(uintptr) bool

	// The reader's.
	block    block
	number   int    // of the block
	held     bool   // the block is the reader's, to be released
	read     uint64 // frames read since Open
	carryAt  uint64 // how many of them until the kernel's counters are taken
	draining bool   // Stop was seen

	last atomic.Uint64 // read ends after so many frames
	end  error         // why, written before last

	mu     sync.Mutex // guards what follows
	socket *socket
	ended  bool // stats are final
	stats  Stats
}

// Read waits for the next frame. p.Data is the kernel's memory, valid until the
// next Read or Close. The error is io.EOF once Stop was called and every frame
// captured before has been read, os.ErrClosed after Close. A frame is there to
// be read 16 milliseconds after it was captured at the latest, give or take the
// resolution of the kernel's timers.
func (r *Ring) Read(p *Packet) error {
	for {
		if r.read >= r.last.Load() {
			return r.end
		}
		if r.block.left == 0 {
			if err := r.advance(); err != nil {
				return err
			}
			continue
		}
		r.read++
		index := r.block.read(p, r.snapLen)
		position, chosen := r.positions[index]
		if !chosen && r.socket.any {
			position, chosen = r.learn(index), true
		}
		if chosen {
			p.Interface = position
			return nil
		}
	}
}

// learn gives an interface that has come later a position.
func (r *Ring) learn(index int32) (position int) {
	position = len(r.names)
	r.positions[index] = position
	r.names = append(r.names, nameOf(r.socket.fd, index))
	return position
}

// Names lists the interfaces, in the order that Packet.Interface counts: as given
// to Open, or as OpenAny found them. It is for the reading goroutine.
func (r *Ring) Names() []string { return r.names }

// Ready reports whether Read would return at once, for who has something to do
// before waiting. It is for the reading goroutine, not after Close.
func (r *Ring) Ready() bool {
	switch {
	case r.block.left > 0:
		return true
	case r.held:
		next := block{memory: r.socket.block((r.number + 1) % r.socket.blocks())}
		return next.ready()
	}
	return r.block.ready()
}

// advance releases the block that has been read and opens the next one when the
// kernel hands it over. It may return without one, so that the caller sees what
// Stop did.
func (r *Ring) advance() error {
	if r.held {
		r.block.release()
		r.held = false
		r.number = (r.number + 1) % r.socket.blocks()
		r.block.memory = r.socket.block(r.number)
		if err := r.carry(); err != nil {
			return err
		}
	}
	if !r.block.ready() {
		return r.wait()
	}
	r.block.open()
	r.held = true
	return nil
}

// carry takes the kernel's counters before their 32 bits overflow, unless more
// than three frames are dropped for each that is read.
func (r *Ring) carry() error {
	if r.read < r.carryAt {
		return nil
	}
	r.carryAt = r.read + 1<<30
	_, err := r.Stats()
	return err
}

// drainLimit is how long after Stop the kernel may take to hand over a block: it
// promises 2 × retire.
const drainLimit = time.Second

// wait returns when the kernel has handed over the block or Stop was called.
func (r *Ring) wait() error {
	err := r.poll.Read(r.isReady)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	missing := r.last.Load() - r.read
	switch {
	case missing == 0:
		return nil
	case r.draining:
		return fmt.Errorf("read ring: the kernel captured %d frames more than it handed over", missing)
	}
	// Stop has set its deadline already: this one stays.
	r.draining = true
	return r.socket.file.SetReadDeadline(time.Now().Add(drainLimit))
}

// Stop ends the capture: Read gives what was captured until now, then io.EOF,
// which takes it some 20 milliseconds at most. Stop may be called from another
// goroutine, and again.
func (r *Ring) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return
	}
	// The kernel counts a frame when it takes its place in the ring, so the
	// counters say how many there are to read, those in an open block included.
	err := r.count()
	r.ended, r.end = true, io.EOF
	if err != nil {
		r.end = err
	}
	r.last.Store(r.stats.Packets - r.stats.Drops)
	_ = r.socket.file.SetReadDeadline(time.Unix(1, 0)) // Open has seen that it works.
}

// Stats returns the kernel's counters since Open, final once Stop was called.
func (r *Ring) Stats() (Stats, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return r.stats, nil
	}
	err := r.count()
	return r.stats, err
}

// count adds what the kernel has counted since the last time.
func (r *Ring) count() error {
	s, err := unix.GetsockoptTpacketStatsV3(r.socket.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return fmt.Errorf("read packet counters: %w", err)
	}
	r.stats.Packets += uint64(s.Packets) // which has the drops in it
	r.stats.Drops += uint64(s.Drops)
	return nil
}

// Close gives the ring's memory back and invalidates the last packet. It is for
// the reading goroutine, or for any after Read returned io.EOF, and may be called
// again.
func (r *Ring) Close() error {
	r.Stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.block, r.held, r.end = block{}, false, errClosed
	r.last.Store(0)
	return r.socket.close()
}
