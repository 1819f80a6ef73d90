package capture

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"time"
)

// Interface describes an interface to the readers of a file.
type Interface struct {
	Name    string // if_name, "" for none
	Comment string // opt_comment, "" for none
}

// Writer writes packets to a pcapng file (draft-ietf-opsawg-pcapng): one section,
// little-endian, all interfaces Ethernet with times in nanoseconds. It buffers,
// so that an error of the underlying writer may come out at a later call, from
// when on every call returns it. It is for one goroutine.
type Writer struct {
	out        *bufio.Writer
	around     []byte // what stands before or behind a packet's data
	interfaces []Interface
	snapLen    int
	written    []uint64 // packets of each interface
	closed     bool
	closeError error
}

const (
	writeBuffer = 256 << 10
	maxOption   = math.MaxUint16 // bytes of an option's value
)

// NewWriter starts a file: a section header that names the machine and this
// program, then a description block per interface. Packets refer to interfaces
// by their position; there is at least one. snapLen is as in Options.
func NewWriter(w io.Writer, interfaces []Interface, snapLen int) (*Writer, error) {
	ng := &Writer{
		out:        bufio.NewWriterSize(w, writeBuffer),
		interfaces: slices.Clone(interfaces),
		written:    make([]uint64, len(interfaces)),
	}
	if err := ng.start(snapLen); err != nil {
		return nil, fmt.Errorf("start pcapng file: %w", err)
	}
	return ng, nil
}

func (w *Writer) start(snapLen int) error {
	o, err := Options{SnapLen: snapLen}.withDefaults()
	if err != nil {
		return err
	}
	w.snapLen = o.SnapLen
	if err := checkInterfaces(w.interfaces); err != nil {
		return err
	}
	if _, err := w.out.Write(sectionBlock(runtime.GOARCH, system(), "allroads")); err != nil {
		return err
	}
	for _, i := range w.interfaces {
		if _, err := w.out.Write(interfaceBlock(i, w.snapLen)); err != nil {
			return err
		}
	}
	return nil
}

func checkInterfaces(interfaces []Interface) error {
	if len(interfaces) == 0 {
		return errors.New("no interface given")
	}
	for _, i := range interfaces {
		if len(i.Name) > maxOption || len(i.Comment) > maxOption {
			return fmt.Errorf("describe interface %.16s: name or comment longer than %d bytes", i.Name, maxOption)
		}
	}
	return nil
}

// Write adds a packet, as an enhanced packet block. Its time is not before 1970
// and its data no longer than the snap length.
func (w *Writer) Write(p *Packet) error {
	if err := w.check(p); err != nil {
		return fmt.Errorf("write packet: %w", err)
	}
	w.around = packetHead(w.around[:0], p)
	_, err := w.out.Write(w.around)
	if err == nil {
		_, err = w.out.Write(p.Data)
	}
	if err == nil {
		w.around = packetTail(w.around[:0], p)
		_, err = w.out.Write(w.around)
	}
	if err != nil {
		return fmt.Errorf("write packet: %w", err)
	}
	w.written[p.Interface]++
	return nil
}

func (w *Writer) check(p *Packet) error {
	switch {
	case w.closed:
		return errors.New("the file is closed")
	case p.Interface < 0 || p.Interface >= len(w.interfaces):
		return fmt.Errorf("interface %d: there are %d", p.Interface, len(w.interfaces))
	case len(p.Data) > w.snapLen:
		return fmt.Errorf("%d bytes: the snap length is %d", len(p.Data), w.snapLen)
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
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("write pcapng file: %w", err)
	}
	return nil
}
