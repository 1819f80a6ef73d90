package capture

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// File reads a capture file: pcap (draft-ietf-opsawg-pcap; both byte orders,
// microseconds or nanoseconds, Kuznetzov's records too) or pcapng
// (draft-ietf-opsawg-pcapng; both byte orders, any number of sections), plain or
// compressed by gzip or zstd. What it is, it finds out from the first bytes. It
// holds a piece of the file, never the whole, and allocates nothing per packet.
// It is for one goroutine, but for Position.
type File struct {
	name       string
	in         *input
	closer     io.Closer // nil: the reader was given by the caller
	window     window
	compressed string // "gzip", "zstd" or ""
	format     format
	interfaces []FileInterface
	stats      FileStats
	newest     int64 // time of a packet given out
	last       int64 // time of the last one given out
	end        error // why there is nothing more to come
}

// A format reads the records of a file.
type format interface {
	// read finds the next packet, which is File.Read without accounts.
	read(p *Packet) error
}

// FileStats are accounts of what has been read of a file until now.
type FileStats struct {
	Packets    uint64 // given out
	OutOfOrder uint64 // of Packets, with a time before that of one given out earlier
	Untimed    uint64 // of Packets, without a time in the file (simple packet blocks); see File.Read

	// Drops is how many packets the capture lost as far as the file says; only
	// with DropsKnown it says so for all interfaces, and there is one. A pcapng
	// file says so at its end, a pcap file never.
	Drops      uint64
	DropsKnown bool
}

// OpenFile opens a capture file, or standard input when path is "-", and reads
// what it begins with. The error is a *DamageError if that is not the beginning
// of a capture.
func OpenFile(path string) (*File, error) {
	if path == "-" {
		return NewFile(os.Stdin, "standard input")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read capture file: %w", err)
	}
	f, err := NewFile(file, path)
	if err != nil {
		file.Close()
		return nil, err
	}
	f.closer = file
	return f, nil
}

// NewFile reads a capture from r, which is called name in errors. Close leaves r
// open.
func NewFile(r io.Reader, name string) (*File, error) {
	in, err := newInput(r)
	if err != nil {
		return nil, fmt.Errorf("read capture file %s: %w", name, err)
	}
	f := &File{name: name, in: in, window: window{feed: newPlain(in)}}
	if err := f.recognize(); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Read finds the next packet. p.Data is valid until the next Read or Close;
// p.Interface is the position in Interfaces, which counts through all sections. A
// packet that has no time in the file gets that of the packet before.
//
// The error is io.EOF at a clean end. It is a *DamageError where the file is cut
// short or broken: what was read until there stands, but reading cannot go on,
// and each further call returns the same.
func (f *File) Read(p *Packet) error {
	if f.end != nil {
		return f.end
	}
	if err := f.format.read(p); err != nil {
		f.end, p.Data = err, nil
		return err
	}
	f.stats.Packets++
	f.last = p.Time
	if p.Time < f.newest && f.stats.Packets > 1 {
		f.stats.OutOfOrder++
	} else {
		f.newest = p.Time
	}
	return nil
}

// Interfaces lists the interfaces that the file has described until now; a pcap
// file has one. With pcapng it grows while packets are read, and drops become
// known. It is not to be modified.
func (f *File) Interfaces() []FileInterface { return f.interfaces }

// Stats returns accounts of what has been read until now.
func (f *File) Stats() FileStats {
	s := f.stats
	s.DropsKnown = len(f.interfaces) > 0
	for i := range f.interfaces {
		s.Drops += f.interfaces[i].Drops
		s.DropsKnown = s.DropsKnown && f.interfaces[i].DropsKnown
	}
	return s
}

// Position returns how many bytes of the file have been read, compressed as they
// are, and how many it has: -1 when nobody knows, as of a pipe. Any goroutine may
// call it.
func (f *File) Position() (read, total int64) { return f.in.read.Load(), f.in.total }

// Compression returns "gzip", "zstd", or "" for a plain file.
func (f *File) Compression() string { return f.compressed }

// Close closes the file that OpenFile opened, except standard input, and
// invalidates the last packet. It may be called again.
func (f *File) Close() error {
	if errors.Is(f.end, os.ErrClosed) {
		return nil
	}
	f.end = fmt.Errorf("read capture file %s: %w", f.name, os.ErrClosed)
	f.window.feed.stop()
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}
