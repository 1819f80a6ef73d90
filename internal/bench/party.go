package bench

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// party is one end of a running test.
type party struct {
	params  *Params
	streams []*stream
	client  bool
	began   time.Time

	first    chan struct{} // closed at the first byte
	once     sync.Once
	firstAt  time.Time
	received chan struct{} // closed when all that was to come has, or time is up
	endAt    time.Time
	incoming []ConnectionReport // as of endAt

	stopped  atomic.Bool // do not send any more
	stopping sync.Once
	outgoing []ConnectionReport // as of stop

	ending chan struct{} // closed by finish
	ended  sync.Once
	broken chan struct{} // closed when no connection is left
	alive  atomic.Int32
	group  sync.WaitGroup

	times []*histogram // of requests, one to a connection
	lost  atomic.Uint64
	late  atomic.Uint64
}

func newParty(params *Params, streams []*stream, client bool) *party {
	p := &party{params: params, streams: streams, client: client, first: make(chan struct{}),
		received: make(chan struct{}), ending: make(chan struct{}), broken: make(chan struct{})}
	p.alive.Store(int32(len(streams)))
	return p
}

func (p *party) sends() bool {
	return p.params.Mode != Latency && (p.params.goes(Upload) && p.client || p.params.goes(Download) && !p.client)
}

func (p *party) receives() bool {
	return p.params.Mode != Latency && (p.params.goes(Download) && p.client || p.params.goes(Upload) && !p.client)
}

// finishes reports whether it is this end that knows when the test is over, or
// its direction of it.
func (p *party) finishes() bool { return p.receives() || p.params.Mode == Latency && p.client }

// run begins to send and to receive.
func (p *party) run() {
	p.began = time.Now()
	if p.params.Mode == Latency {
		p.runLatency()
		return
	}
	if p.receives() {
		var reading sync.WaitGroup
		for _, s := range p.streams {
			reading.Add(1)
			p.group.Go(func() {
				defer reading.Done()
				p.receive(s)
			})
		}
		p.group.Go(func() { p.window(&reading) })
	}
	if p.sends() {
		for _, s := range p.streams {
			p.group.Go(func() { p.send(s) })
		}
	}
}

func (p *party) arrived() {
	p.once.Do(func() {
		p.firstAt = time.Now()
		close(p.first)
	})
}

// window waits for the end of what is measured: from the first byte, for the
// duration or until all is there. If no byte comes within the duration, that is it.
func (p *party) window(reading *sync.WaitGroup) {
	all := make(chan struct{})
	go func() { reading.Wait(); close(all) }()
	if p.within(p.first, all) {
		p.within(all, nil)
	}
	p.close()
	close(p.received)
}

// within waits for something, or for what makes it pointless, for as long as a test
// with a duration lasts, and reports whether it has come.
func (p *party) within(wanted, pointless <-chan struct{}) bool {
	var up <-chan time.Time
	if p.params.Duration > 0 {
		up = time.After(p.params.Duration)
	}
	select {
	case <-wanted:
		return true
	case <-pointless:
	case <-up:
	case <-p.ending:
	}
	return false
}

// close ends the counting and keeps what there is.
func (p *party) close() {
	p.endAt = time.Now()
	for _, s := range p.streams {
		s.end(p.endAt)
	}
	p.look()
	p.incoming = p.connections()
}

// stop ends the sending, and keeps what there is.
func (p *party) stop() {
	p.stopping.Do(func() {
		p.stopped.Store(true)
		p.look()
		p.outgoing = p.connections()
		for _, s := range p.streams {
			_ = s.conn.SetWriteDeadline(time.Unix(1, 0))
		}
	})
}

// finish ends all, and waits until it has.
func (p *party) finish() {
	p.ended.Do(func() { close(p.ending) })
	p.stop()
	if !p.finishes() {
		p.close()
	}
	for _, s := range p.streams {
		_ = s.conn.SetReadDeadline(time.Unix(1, 0))
	}
	p.group.Wait()
}

// look reads all counters.
func (p *party) look() {
	for _, s := range p.streams {
		_ = s.tally.look() // A connection that is gone has its last counts.
	}
}

// failed takes note that a connection cannot go on, unless it need not.
func (p *party) failed(s *stream, what string, err error) {
	if p.stopped.Load() && errors.Is(err, os.ErrDeadlineExceeded) || p.finished() {
		return
	}
	if err == io.EOF {
		err = errEnded
	}
	first := s.fail(fmt.Errorf("%s on connection %d: %w", what, s.index+1, err))
	if first && p.alive.Add(-1) == 0 {
		close(p.broken)
	}
}

func (p *party) finished() bool {
	select {
	case <-p.ending:
		return true
	default:
		return false
	}
}
