package trace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"allroads/internal/capture"
)

// File is a sequence of packets that was captured to a file, or to several: pcap or
// pcapng, plain or compressed by gzip or zstd. Memory does not grow with its length.
// It is for one goroutine, but for Position.
type File struct {
	in         captured
	links      []LinkType // of the interfaces
	interfaces []Interface
	packet     capture.Packet
	start, end int64 // times of the earliest packet and the latest
}

// captured is a capture file, or several merged by time.
type captured interface {
	Read(*capture.Packet) error
	Interfaces() []capture.FileInterface
	Position() (read, total int64)
	Stats() capture.FileStats
	Close() error
}

// Interface is where packets were captured, as a file describes it.
type Interface struct {
	File        string `json:"file"`
	Name        string `json:"name"`        // "" where the file has none, as pcap
	Description string `json:"description"` // ""
	LinkType    uint16 `json:"link_type"`   // LINKTYPE_ number; see LinkTypeOf
	SnapLen     uint32 `json:"snap_length"` // bytes kept of each packet at most, 0: no limit
	Drops       uint64 `json:"drops"`       // packets that the capture lost, if known
	DropsKnown  bool   `json:"drops_known"`
}

// FileStats are accounts of what has been read until now.
type FileStats struct {
	Packets    uint64 `json:"packets"`
	OutOfOrder uint64 `json:"out_of_order"` // with a time before that of an earlier one
	Untimed    uint64 `json:"untimed"`      // without a time of their own in the file
	Drops      uint64 `json:"drops"`        // packets that the capture lost
	DropsKnown bool   `json:"drops_known"`  // for all interfaces
	Start      int64  `json:"start,string"` // time of the earliest packet, 0: there was none
	End        int64  `json:"end,string"`   // of the latest
}

// Open opens a capture file; "-" is standard input. Several are read as one sequence
// in the order of time. A file that is no capture is an error that says what it seems
// to be.
func Open(paths ...string) (*File, error) {
	var files []*capture.File
	for _, path := range paths {
		file, err := capture.OpenFile(path)
		if err != nil {
			for _, opened := range files {
				opened.Close()
			}
			return nil, err
		}
		files = append(files, file)
	}
	switch len(files) {
	case 0:
		return nil, errors.New("open captures: none is named")
	case 1:
		return &File{in: files[0]}, nil
	}
	return &File{in: capture.MergeFiles(files...)}, nil
}

// Next reads the next packet, whose data is valid until the call after. Its interface
// counts through those of all files. The error is io.EOF at a clean end; where a file
// is cut short or broken it says where and how, and nothing comes after.
func (f *File) Next(p *Packet) error {
	if err := f.in.Read(&f.packet); err != nil {
		p.Data = nil
		return err
	}
	if f.packet.Interface >= len(f.links) {
		f.learnLinks()
	}
	if f.start == 0 || f.packet.Time < f.start {
		f.start = f.packet.Time
	}
	f.end = max(f.end, f.packet.Time)
	*p = Packet{
		Time: f.packet.Time, Interface: f.packet.Interface, Link: f.links[f.packet.Interface],
		Length: f.packet.Length, Data: f.packet.Data,
	}
	return nil
}

// unknownLink is none of the link types: what has it is counted and not read.
const unknownLink = LinkType(0xff)

func (f *File) learnLinks() {
	for _, one := range f.in.Interfaces()[len(f.links):] {
		link, known := LinkTypeOf(one.Link)
		if !known {
			link = unknownLink
		}
		f.links = append(f.links, link)
	}
}

// Interfaces lists what has been described until now: it grows while packets are
// read, and drops become known.
func (f *File) Interfaces() []Interface {
	all := f.in.Interfaces()
	for i := range all {
		if i == len(f.interfaces) {
			f.interfaces = append(f.interfaces, Interface{})
		}
		f.interfaces[i] = Interface{
			File: all[i].File, Name: all[i].Name, Description: all[i].Description,
			LinkType: all[i].Link, SnapLen: all[i].SnapLen, Drops: all[i].Drops, DropsKnown: all[i].DropsKnown,
		}
	}
	return f.interfaces
}

// Stats returns accounts of what has been read until now.
func (f *File) Stats() FileStats {
	s := f.in.Stats()
	return FileStats{s.Packets, s.OutOfOrder, s.Untimed, s.Drops, s.DropsKnown, f.start, f.end}
}

// Position returns how many bytes of the files have been read, compressed as they
// are, and how many they have: -1 when nobody knows, as of a pipe. Any goroutine may
// call it.
func (f *File) Position() (read, total int64) { return f.in.Position() }

// Close closes the files, except standard input.
func (f *File) Close() error { return f.in.Close() }

// checkEvery is after how many packets it is looked whether somebody has had enough.
const checkEvery = 4096

// Analyze reads all packets and reports what they say; each connection is given to
// yield when it is over, unless that is nil, and is then not in the report (see
// Analyzer.Yield). Paths are told apart by addresses (Options.ByAddress): files name no
// interfaces, or the same for several. When the files are damaged, or the context ends, there is an error
// and a report on what came before.
func (f *File) Analyze(ctx context.Context, o Options, yield func(*Connection)) (*Report, error) {
	a := New(nil)
	o.ByAddress = true
	a.Follow(o)
	if yield != nil {
		a.Yield(yield)
	}
	err := f.feed(ctx, a)
	if yield != nil {
		a.End()
	}
	if stats := f.Stats(); stats.DropsKnown {
		a.SetDropped(stats.Drops)
	}
	return a.Report(), err
}

func (f *File) feed(ctx context.Context, a *Analyzer) error {
	var p Packet
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return fmt.Errorf("analyze captures: stopped after %d packets: %w", n, context.Cause(ctx))
		}
		switch err := f.Next(&p); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if p.Interface >= len(a.interfaces) {
			a.Rename(f.names())
		}
		a.Add(&p)
	}
}

// names are those of the interfaces, where a file has none its own.
func (f *File) names() (names []string) {
	for _, one := range f.in.Interfaces() {
		name := one.Name
		if name == "" {
			name = filepath.Base(one.File)
		}
		names = append(names, name)
	}
	return names
}
