package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"allroads/internal/capture"
	"allroads/lab"
)

// recording is a capture on all paths at one host.
type recording struct {
	ring    *capture.Ring
	file    *os.File
	writer  *capture.Writer
	written atomic.Uint64
	done    chan error
}

// ringBytes holds what the client sends while the writer waits for the disk.
const ringBytes = 256 << 20

func (p *plan) record(host *lab.Host) (*recording, error) {
	r := &recording{done: make(chan error, 1)}
	var links []string
	var described []capture.Interface
	for i := range p.paths {
		links = append(links, linkName(i))
		described = append(described, capture.Interface{Name: linkName(i)})
	}
	err := host.Run(func() (err error) {
		r.ring, err = capture.Open(nil, links, capture.Options{
			SnapLen: p.snapLen, RingBytes: ringBytes, Filter: capture.Filter{TCP: true},
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	if r.file, err = os.Create(p.path); err == nil {
		r.writer, err = capture.NewWriter(r.file, described, p.snapLen)
	}
	if err != nil {
		r.ring.Close()
		return nil, err
	}
	go func() { r.done <- r.copy() }()
	return r, nil
}

func (r *recording) copy() error {
	var p capture.Packet
	for {
		err := r.ring.Read(&p)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = r.writer.Write(&p)
		}
		if err != nil {
			return err
		}
		r.written.Add(1)
	}
}

// stop ends the capture; one with losses is not worth having.
func (r *recording) stop() error {
	r.ring.Stop()
	err := <-r.done
	stats, statsErr := r.ring.Stats()
	if err == nil {
		err = statsErr
	}
	if err == nil && stats.Drops > 0 {
		err = fmt.Errorf("the capture lost %d packets", stats.Drops)
	}
	return errors.Join(err, r.writer.Close([]capture.Stats{stats}), r.file.Close(), r.ring.Close())
}
