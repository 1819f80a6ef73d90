package capture

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"time"
)

// Writer writes packets to a pcapng file (draft-ietf-opsawg-pcapng): one section,
// little-endian, times in nanoseconds. It buffers, so that an error of the
// underlying writer may come out at a later call, from when on every call returns
// it. What the underlying writer gets at once are always whole blocks. It is for
// one goroutine.
type Writer struct {
	out        io.Writer
	buffer     []byte // blocks not yet written
	failed     error  // of out
	interfaces []written
	size       int64
	closed     bool
	closeError error
}

// A written is an interface of the file.
type written struct {
	FileInterface
	limit   int // bytes of a packet
	packets uint64
}

const (
	writeBuffer = MaxSnapLen + 32 // the largest packet's block
	maxOption   = math.MaxUint16  // bytes of an option's value
)

// NewFileWriter starts a file: a section header that names the machine and this
// program, then a description block per interface. Packets refer to interfaces
// by their position; more of them may come later, see AddInterface. tshark reads
// any mixture of interfaces; tcpdump only files where all have the same link type
// and snap length, and with raw IP only one.
func NewFileWriter(w io.Writer, interfaces []FileInterface) (*Writer, error) {
	ng := &Writer{out: w, buffer: make([]byte, 0, writeBuffer)}
	if err := ng.start(interfaces); err != nil {
		return nil, fmt.Errorf("start pcapng file: %w", err)
	}
	return ng, nil
}

func (w *Writer) start(interfaces []FileInterface) error {
	if err := w.put(sectionBlock(runtime.GOARCH, system(), "allroads")); err != nil {
		return err
	}
	for _, i := range interfaces {
		if _, err := w.add(i); err != nil {
			return err
		}
	}
	return nil
}

// AddInterface describes another interface, of which packets may come from now
// on, and returns its position.
//
// The file has the Name, Description, Comment, Link and SnapLen; whatever the
// Resolution, times are in nanoseconds. Drops of it, if known, are written by
// Close.
func (w *Writer) AddInterface(i FileInterface) (position int, err error) {
	if w.closed {
		return 0, errors.New("add interface: the file is closed")
	}
	if position, err = w.add(i); err != nil {
		return 0, fmt.Errorf("add interface: %w", err)
	}
	return position, nil
}

func (w *Writer) add(i FileInterface) (position int, err error) {
	if max(len(i.Name), len(i.Description), len(i.Comment)) > maxOption {
		return 0, fmt.Errorf("describe interface %.16s: name or comment longer than %d bytes", i.Name, maxOption)
	}
	limit := MaxSnapLen
	if i.SnapLen > 0 {
		limit = int(min(i.SnapLen, MaxSnapLen))
	}
	w.interfaces = append(w.interfaces, written{FileInterface: i, limit: limit})
	return len(w.interfaces) - 1, w.put(interfaceBlock(&i))
}

// Dropped says how many packets the capture lost on an interface, for Close.
func (w *Writer) Dropped(position int, drops uint64) {
	i := &w.interfaces[position]
	i.Drops, i.DropsKnown = drops, true
}

// Interfaces is how many interfaces the file has.
func (w *Writer) Interfaces() int { return len(w.interfaces) }

// Size is how many bytes the file has by now, those in memory included.
func (w *Writer) Size() int64 { return w.size }

// put adds a block that may be of any length.
func (w *Writer) put(block []byte) error {
	if err := w.reserve(len(block)); err != nil {
		return err
	}
	w.buffer = append(w.buffer, block...)
	return nil
}

// reserve makes room for a block, and counts it.
func (w *Writer) reserve(length int) error {
	if length > cap(w.buffer)-len(w.buffer) {
		w.empty()
	}
	if w.failed == nil {
		w.size += int64(length)
	}
	return w.failed
}

// empty writes what is in the buffer.
func (w *Writer) empty() {
	if w.failed != nil || len(w.buffer) == 0 {
		return
	}
	n, err := w.out.Write(w.buffer)
	if err == nil && n < len(w.buffer) {
		err = io.ErrShortWrite
	}
	w.buffer, w.failed = w.buffer[:0], err
}

// Write adds a packet, as an enhanced packet block. Its time is not before 1970
// and its data no longer than the snap length of its interface, nor MaxSnapLen.
func (w *Writer) Write(p *Packet) error {
	if err := w.check(p); err != nil {
		return fmt.Errorf("write packet: %w", err)
	}
	if err := w.reserve(int(packetLength(p))); err != nil {
		return fmt.Errorf("write packet: %w", err)
	}
	w.buffer = packetHead(w.buffer, p)
	w.buffer = append(w.buffer, p.Data...)
	w.buffer = packetTail(w.buffer, p)
	w.interfaces[p.Interface].packets++
	return nil
}

func (w *Writer) check(p *Packet) error {
	switch {
	case w.closed:
		return errors.New("the file is closed")
	case p.Interface < 0 || p.Interface >= len(w.interfaces):
		return fmt.Errorf("interface %d: there are %d", p.Interface, len(w.interfaces))
	case len(p.Data) > w.interfaces[p.Interface].limit:
		return fmt.Errorf("%d bytes: the snap length is %d", len(p.Data), w.interfaces[p.Interface].limit)
	case p.Length < len(p.Data) || p.Length > math.MaxInt32:
		return fmt.Errorf("%d bytes of a frame of %d", len(p.Data), p.Length)
	case p.Time < 0:
		return fmt.Errorf("time %v: before 1970", time.Unix(0, p.Time).UTC())
	}
	return nil
}

// Flush hands everything written so far to the underlying writer, for who reads
// along.
func (w *Writer) Flush() error {
	if w.empty(); w.failed != nil {
		return fmt.Errorf("write pcapng file: %w", w.failed)
	}
	return nil
}
