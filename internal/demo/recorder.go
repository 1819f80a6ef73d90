package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"allroads/internal/capture"
	"allroads/lab"
	"allroads/trace"
)

// recorder takes the packets at the client as they come: it analyzes them,
// lists them, and writes them to a file.
type recorder struct {
	ring   *capture.Ring
	writer *capture.Writer // nil: not written
	paths  []string
	done   chan struct{}

	mu       sync.Mutex
	analyzer *trace.Analyzer
	packets  listing
	err      error // the first one; reading goes on, for the verdict's sake
}

// captured is what a recorder has at the end.
type captured struct {
	report  *trace.Report
	packets listing
}

// With bulk transfers only headers are kept, which is all that is judged; that
// is Ethernet with VLAN tag, the longest IPv4 and TCP headers, and some payload.
const bulkSnapLen = 192

func record(network *lab.Lab, o *Options) (*recorder, error) {
	interfaces, paths, _, err := ends(network.Topology)
	if err != nil {
		return nil, err
	}
	options := capture.Options{RingBytes: o.test.ringBytes, Filter: capture.Filter{TCP: true}}
	if o.Bulk > 0 {
		options.SnapLen = bulkSnapLen
	}
	r := &recorder{done: make(chan struct{})}
	for _, path := range paths {
		r.paths = append(r.paths, path.Name)
	}
	r.analyzer = trace.New(r.paths)
	err = network.Host(clientName).Do(func() (err error) {
		r.ring, err = capture.Open(nil, interfaces, options)
		return err
	})
	if err != nil {
		return nil, err
	}
	if o.Pcap != nil {
		if r.writer, err = capture.NewWriter(o.Pcap, paths, options.SnapLen); err != nil {
			r.ring.Close()
			return nil, fmt.Errorf("write packets: %w", err)
		}
	}
	go func() {
		if o.test.hold != nil {
			<-o.test.hold
		}
		r.read()
	}()
	return r, nil
}

func (r *recorder) read() {
	defer close(r.done)
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

func (r *recorder) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *recorder) take(p *capture.Packet) {
	packet := trace.Packet{Time: p.Time.UnixNano(), Interface: p.Interface, Length: p.Length, Data: p.Data}
	var segment trace.Segment
	if segment.Decode(&packet) == nil {
		r.analyzer.AddSegment(&segment)
		r.packets.add(&segment, r.paths[p.Interface])
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

// closeWait is how long the last packets may take once both ends have closed.
const closeWait = 2 * time.Second

// awaitClose waits until all subflows are seen to close. When they do not, that
// is for the verdict to say.
func (r *recorder) awaitClose(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, closeWait)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for r.open() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (r *recorder) open() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.analyzer.Open()
}

// finish ends the capture and judges it.
func (r *recorder) finish() (*captured, error) {
	r.ring.Stop()
	<-r.done
	stats, err := r.ring.Stats()
	if err != nil {
		r.fail(err)
	}
	if r.writer != nil {
		if err := r.writer.Close([]capture.Stats{stats}); err != nil {
			r.fail(fmt.Errorf("write packets: %w", err))
		}
	}
	r.ring.Close()
	r.analyzer.SetDropped(stats.Drops)
	return &captured{r.analyzer.Report(), r.packets}, r.err
}
