package bench

import (
	"io"
	"sync"
	"time"
)

// runLatency has the client ask and the server answer.
func (p *party) runLatency() {
	if !p.client {
		for _, s := range p.streams {
			p.group.Go(func() { p.answer(s) })
		}
		return
	}
	until := time.Now().Add(p.params.Duration)
	var asking sync.WaitGroup
	for _, s := range p.streams {
		h := new(histogram)
		p.times = append(p.times, h)
		asking.Go(func() {
			if p.params.Rate > 0 {
				p.askAtRate(s, h, until)
			} else {
				p.ask(s, h, until)
			}
		})
	}
	p.group.Go(func() {
		asking.Wait()
		p.close()
		close(p.received)
	})
}

// answer sends each request back.
func (p *party) answer(s *stream) {
	b := make([]byte, p.params.Size)
	for {
		if _, err := io.ReadFull(s.conn, b); err != nil {
			p.failed(s, "receive", err)
			return
		}
		p.arrived()
		s.count(len(b))
		if _, err := s.conn.Write(b); err != nil {
			p.failed(s, "send", err)
			return
		}
		s.written.Add(uint64(len(b)))
	}
}

// lastAnswer is how long the answers to the last requests may take.
const lastAnswer = 2 * time.Second

// ask sends a request when the one before is answered.
func (p *party) ask(s *stream, h *histogram, until time.Time) {
	_ = s.conn.SetReadDeadline(until.Add(lastAnswer))
	request, response := noise(p.params.Size), make([]byte, p.params.Size)
	for !p.finished() {
		began := time.Now()
		if !began.Before(until) {
			return
		}
		if !p.exchange(s, request, response) {
			return
		}
		h.add(time.Since(began))
	}
}

func (p *party) exchange(s *stream, request, response []byte) bool {
	if _, err := s.conn.Write(request); err != nil {
		p.lost.Add(1)
		p.failed(s, "send", err)
		return false
	}
	s.written.Add(uint64(len(request)))
	return p.answered(s, response)
}

func (p *party) answered(s *stream, response []byte) bool {
	if _, err := io.ReadFull(s.conn, response); err != nil {
		p.lost.Add(1)
		p.failed(s, "wait for a response", err)
		return false
	}
	p.arrived()
	s.count(len(response))
	return true
}

// askAtRate sends requests when they are due, whatever became of those before. A
// time is that from when the request was due: one that has to wait for others
// waits in it, too.
func (p *party) askAtRate(s *stream, h *histogram, until time.Time) {
	each := time.Duration(float64(time.Second) / p.params.Rate)
	due := make(chan time.Time, maxOpen)
	_ = s.conn.SetReadDeadline(until.Add(lastAnswer))
	_ = s.conn.SetWriteDeadline(until.Add(lastAnswer))
	var sending sync.WaitGroup
	sending.Go(func() {
		defer close(due)
		p.emit(s, due, each, until)
	})
	response := make([]byte, p.params.Size)
	broken := false
	for at := range due {
		if broken || !p.answered(s, response) {
			if broken {
				p.lost.Add(1)
			}
			broken = true
			continue
		}
		h.add(time.Since(at))
	}
	sending.Wait()
}

// maxOpen is how many requests may wait for their responses.
const maxOpen = 1 << 16

// emit sends the requests of one connection.
func (p *party) emit(s *stream, due chan<- time.Time, each time.Duration, until time.Time) {
	request := noise(p.params.Size)
	for at := time.Now(); at.Before(until); at = at.Add(each) {
		if !p.sleep(time.Until(at)) {
			return
		}
		select {
		case due <- at:
		default:
			p.late.Add(1) // Too many are open: this one is not sent.
			continue
		}
		if _, err := s.conn.Write(request); err != nil {
			p.failed(s, "send", err)
			return
		}
		s.written.Add(uint64(len(request)))
	}
}

// sleep waits, and reports whether the test goes on.
func (p *party) sleep(d time.Duration) bool {
	if d <= 0 {
		return !p.finished()
	}
	select {
	case <-time.After(d):
		return true
	case <-p.ending:
		return false
	}
}
