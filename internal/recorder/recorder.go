// Package recorder takes the packets at one host of a lab while they come:
// it analyzes them, and writes them to a file if asked to.
package recorder

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"allroads/internal/capture"
	"allroads/lab"
	"allroads/trace"
)

// Options say what a recorder does beside analyzing. The zero value is usable.
type Options struct {
	Pcap      io.Writer // where the packets go as pcapng, nil: nowhere
	SnapLen   int       // as of capture.Options
	RingBytes int       // as of capture.Options

	// Segment, if any, is called with each TCP segment and the name of the link
	// that it was seen on, in order, from one goroutine, and not after Finish.
	Segment func(s *trace.Segment, link string)

	// Hold, if any, keeps packets from being read until it is closed: tests see
	// a capture lose packets with it.
	Hold <-chan struct{}
}

// Recorder is a capture of TCP on all of a host's interfaces that belong to
// links. Its methods may be called from several goroutines.
type Recorder struct {
	options Options
	ring    *capture.Ring
	links   []string // by interface
	done    chan struct{}

	mu       sync.Mutex
	analyzer *trace.Analyzer
	writer   *capture.Writer // nil: nothing is written, or no more
	read     uint64          // packets
	err      error           // the first one; reading goes on, for the report's sake
}

// Start begins to record at a host, on which at least one link ends. Finish has
// to be called in the end.
func Start(network *lab.Lab, host string, o Options) (*Recorder, error) {
	r, err := start(network, host, o)
	if err != nil {
		return nil, fmt.Errorf("record packets in %s: %w", host, err)
	}
	return r, nil
}

func start(network *lab.Lab, host string, o Options) (*Recorder, error) {
	at := network.Host(host)
	if at == nil {
		return nil, errors.New("no such host")
	}
	devices, interfaces := interfacesOf(network.Topology, host)
	if len(devices) == 0 {
		return nil, errors.New("it has no links")
	}
	r := &Recorder{options: o, done: make(chan struct{})}
	for _, i := range interfaces {
		r.links = append(r.links, i.Name)
	}
	r.analyzer = trace.New(r.links)
	err := at.Run(func() (err error) {
		r.ring, err = capture.Open(nil, devices, capture.Options{
			SnapLen: o.SnapLen, RingBytes: o.RingBytes, Filter: capture.Filter{TCP: true},
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	if o.Pcap != nil {
		if r.writer, err = capture.NewWriter(o.Pcap, interfaces, o.SnapLen); err != nil {
			r.ring.Close()
			return nil, err
		}
	}
	go r.readAll()
	return r, nil
}

// interfacesOf lists a host's interfaces that belong to links, and how each is
// called in a file.
func interfacesOf(t *lab.Topology, host string) (devices []string, interfaces []capture.Interface) {
	for _, link := range t.Links {
		for _, end := range link.Ends {
			if end.Host == host {
				devices = append(devices, end.Interface)
				interfaces = append(interfaces, capture.Interface{Name: link.Name, Comment: end.Interface + " of " + host})
			}
		}
	}
	return devices, interfaces
}

func (r *Recorder) readAll() {
	defer close(r.done)
	if r.options.Hold != nil {
		<-r.options.Hold
	}
	var p capture.Packet
	for {
		err := r.ring.Read(&p)
		if errors.Is(err, io.EOF) {
			return
		}
		r.mu.Lock()
		if err != nil {
			r.fail(err)
			r.mu.Unlock()
			return
		}
		r.take(&p)
		r.mu.Unlock()
	}
}

func (r *Recorder) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *Recorder) take(p *capture.Packet) {
	r.read++
	packet := trace.Packet{Time: p.Time, Interface: p.Interface, Length: p.Length, Data: p.Data}
	var segment trace.Segment
	if segment.Decode(&packet) == nil {
		r.analyzer.AddSegment(&segment)
		if r.options.Segment != nil {
			r.options.Segment(&segment, r.links[p.Interface])
		}
	} else {
		r.analyzer.Add(&packet)
	}
	if r.writer != nil {
		if err := r.writer.Write(p); err != nil {
			r.fail(fmt.Errorf("write packets: %w", err))
			r.writer = nil
		}
	}
}
