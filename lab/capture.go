package lab

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"allroads/internal/capture"
)

// Capture is a capture of packets, which goes on until Stop.
type Capture struct {
	merge   *capture.Merge
	packets atomic.Uint64

	mu     sync.Mutex
	writer *capture.Writer
	done   chan struct{} // closed when nothing more comes
	err    error
}

// Capture writes the packets on all interfaces of the host that belong to links
// to w, as pcapng with an interface of each link's name, in the order of time.
func (h *Host) Capture(w io.Writer) (*Capture, error) {
	spot := spot{host: h}
	for link, end := range h.topology.ends() {
		if end.Host == h.Name {
			spot.add(end.Interface, link.Name, end.Interface+" of "+h.Name)
		}
	}
	c, err := begin(w, 0, spot)
	if err != nil {
		return nil, fmt.Errorf("capture in %s: %w", h.Name, err)
	}
	return c, nil
}

// Capture writes the packets of links, or of all if none is named, to w, as
// pcapng in the order of time. Each end of a link is an interface, called
// HOST:INTERFACE, so that a packet that arrives is in the file twice.
func (l *Lab) Capture(w io.Writer, links ...string) (*Capture, error) {
	for _, name := range links {
		if l.links[name] == nil {
			return nil, fmt.Errorf("capture: no link %q%s", name, l.LinkSuggestion(name))
		}
	}
	spots := map[string]*spot{}
	for link, end := range l.Topology.ends() {
		if len(links) > 0 && !slices.Contains(links, link.Name) {
			continue
		}
		if spots[end.Host] == nil {
			spots[end.Host] = &spot{host: l.hosts[end.Host]}
		}
		spots[end.Host].add(end.Interface, end.Host+":"+end.Interface, "link "+link.Name)
	}
	var all []spot
	for _, name := range l.Topology.Names() {
		if spots[name] != nil {
			all = append(all, *spots[name])
		}
	}
	c, err := begin(w, longestFrame, all...)
	if err != nil {
		return nil, fmt.Errorf("capture in lab %s: %w", l.Topology.Name, err)
	}
	return c, nil
}

// longestFrame is above what a host hands to a link in one piece, and lets rings
// be small.
const longestFrame = 65280

// spot is where packets are captured: interfaces of one host.
type spot struct {
	host    *Host
	devices []string
	shown   []capture.Interface
}

func (s *spot) add(device, name, comment string) {
	s.devices = append(s.devices, device)
	s.shown = append(s.shown, capture.Interface{Name: name, Comment: comment})
}

func begin(w io.Writer, snapLen int, spots ...spot) (*Capture, error) {
	var rings []*capture.Ring
	var shown []capture.Interface
	options := capture.Options{SnapLen: snapLen}.Share(len(spots))
	for _, spot := range spots {
		if len(spot.devices) == 0 || spot.host == nil {
			continue
		}
		ring, err := capture.Open(spot.host.ns, spot.devices, options)
		if err != nil {
			return nil, errors.Join(err, closeRings(rings))
		}
		rings, shown = append(rings, ring), append(shown, spot.shown...)
	}
	if len(rings) == 0 {
		return nil, errors.New("no links")
	}
	merge, err := capture.NewMerge(rings...)
	if err != nil {
		return nil, errors.Join(err, closeRings(rings))
	}
	writer, err := capture.NewWriter(w, shown, snapLen)
	if err != nil {
		return nil, errors.Join(err, merge.Close())
	}
	c := &Capture{merge: merge, writer: writer, done: make(chan struct{})}
	go c.copy()
	go c.flush()
	return c, nil
}

func closeRings(rings []*capture.Ring) error {
	var errs []error
	for _, ring := range rings {
		errs = append(errs, ring.Close())
	}
	return errors.Join(errs...)
}

func (c *Capture) copy() {
	defer close(c.done)
	var p capture.Packet
	for {
		err := c.merge.Read(&p)
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			err = c.write(&p)
		}
		if err != nil {
			c.err = err
			return
		}
		c.packets.Add(1)
	}
}

func (c *Capture) write(p *capture.Packet) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writer.Write(p)
}

// flushTime is how long packets may wait in memory while few come.
const flushTime = 200 * time.Millisecond

// flush hands on now and then what has been written, for those who watch live. Its
// error comes again at the next packet, or from Stop.
func (c *Capture) flush() {
	tick := time.NewTicker(flushTime)
	defer tick.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-tick.C:
			c.mu.Lock()
			err := c.writer.Flush()
			c.mu.Unlock()
			if err != nil {
				c.merge.Stop() // Nobody takes more.
				return
			}
		}
	}
}

// Packets is how many packets have been captured.
func (c *Capture) Packets() uint64 { return c.packets.Load() }

// Done is closed when the capture has ended, by Stop or because it cannot go on;
// Stop says why.
func (c *Capture) Done() <-chan struct{} { return c.done }

// Stop ends the capture when all packets up to now are written, and returns how
// many packets were lost because they came too fast.
func (c *Capture) Stop() (dropped uint64, err error) {
	c.merge.Stop()
	<-c.done
	stats, statsErr := c.merge.Stats()
	for _, s := range stats {
		dropped += s.Drops
	}
	c.mu.Lock()
	closeErr := c.writer.Close(stats)
	c.mu.Unlock()
	// A writer that has failed goes on to say why.
	err = errors.Join(cmp.Or(c.err, closeErr), statsErr, c.merge.Close())
	if err != nil {
		return dropped, fmt.Errorf("capture: %w", err)
	}
	return dropped, nil
}
