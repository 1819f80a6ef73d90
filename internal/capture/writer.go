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

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
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
	ng         *pcapgo.NgWriter
	interfaces []Interface
	snapLen    int
	written    []uint64 // packets of each interface
	closed     bool
	closeError error
}

const (
	writeBuffer = 256 << 10
	maxOption   = math.MaxUint16 // bytes of an option's value
	lastSecond  = math.MaxInt64 / int64(time.Second)
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
	section := pcapgo.NgSectionInfo{Hardware: runtime.GOARCH, OS: system(), Application: "allroads"}
	w.ng, err = pcapgo.NewNgWriterInterface(w.out, w.describe(w.interfaces[0]), pcapgo.NgWriterOptions{SectionInfo: section})
	if err != nil {
		return err
	}
	for _, i := range w.interfaces[1:] {
		if _, err := w.ng.AddInterface(w.describe(i)); err != nil {
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

// describe gives the library what it writes; if_tsresol, which it adds, is 9.
func (w *Writer) describe(i Interface) pcapgo.NgInterface {
	return pcapgo.NgInterface{
		Name:       i.Name,
		Comment:    i.Comment,
		LinkType:   layers.LinkTypeEthernet,
		SnapLength: uint32(w.snapLen),
	}
}

// Write adds a packet, as an enhanced packet block. Its time is from 1970 to
// 2262 and its data no longer than the snap length.
func (w *Writer) Write(p *Packet) error {
	if err := w.check(p); err != nil {
		return fmt.Errorf("write packet: %w", err)
	}
	info := gopacket.CaptureInfo{
		Timestamp:      p.Time,
		CaptureLength:  len(p.Data),
		Length:         p.Length,
		InterfaceIndex: p.Interface,
	}
	if err := w.ng.WritePacket(info, p.Data); err != nil {
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
	case p.Time.Unix() < 0 || p.Time.Unix() >= lastSecond:
		return fmt.Errorf("time %v: not from 1970 to 2262", p.Time)
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
