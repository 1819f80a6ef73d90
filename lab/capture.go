package lab

import (
	"errors"
	"fmt"
	"io"

	"allroads/internal/capture"
)

// Capture is a capture of packets in a host, which goes on until Stop.
type Capture struct {
	ring   *capture.Ring
	writer *capture.Writer
	done   chan error
}

// Capture writes the packets on all interfaces of the host that belong to links
// to w, as pcapng with an interface of each link's name.
func (h *Host) Capture(w io.Writer) (*Capture, error) {
	var names []string
	var interfaces []capture.Interface
	for _, link := range h.topology.Links {
		for _, end := range link.Ends {
			if end.Host == h.Name {
				names = append(names, end.Interface)
				interfaces = append(interfaces, capture.Interface{Name: link.Name, Comment: end.Interface + " of " + h.Name})
			}
		}
	}
	ring, err := capture.Open(h.ns, names, capture.Options{})
	if err != nil {
		return nil, fmt.Errorf("capture in %s: %w", h.Name, err)
	}
	writer, err := capture.NewWriter(w, interfaces, 0)
	if err != nil {
		ring.Close()
		return nil, fmt.Errorf("capture in %s: %w", h.Name, err)
	}
	c := &Capture{ring: ring, writer: writer, done: make(chan error, 1)}
	go func() { c.done <- c.copy() }()
	return c, nil
}

func (c *Capture) copy() error {
	var p capture.Packet
	for {
		err := c.ring.Read(&p)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = c.writer.Write(&p)
		}
		if err != nil {
			return err
		}
	}
}

// Stop ends the capture when all packets up to now are written, and returns how
// many packets were lost because they came too fast.
func (c *Capture) Stop() (dropped uint64, err error) {
	c.ring.Stop()
	err = <-c.done
	stats, statsErr := c.ring.Stats()
	err = errors.Join(err, statsErr, c.writer.Close([]capture.Stats{stats}), c.ring.Close())
	if err != nil {
		return stats.Drops, fmt.Errorf("capture: %w", err)
	}
	return stats.Drops, nil
}
