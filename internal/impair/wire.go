package impair

import "time"

// A wire sends frames one after the other at a rate, and keeps a queue of those
// that wait.
type wire struct {
	rate     uint64 // bits per second, 0 for no limit
	overhead int
	limit    int // of the queue, in frames

	free    time.Duration       // when the last bit sent so far has left
	part    uint64              // and this fraction of a nanosecond, in 1/rate
	waiting fifo[time.Duration] // when each waiting frame starts to be sent
}

// set changes the rate for frames to come. Those accepted keep their times.
func (w *wire) set(p Params) {
	if p.Rate != w.rate {
		w.part = 0
	}
	w.rate, w.overhead, w.limit = p.Rate, p.Overhead, p.QueueFrames()
}

// send returns when a frame that arrives now has been sent, unless the queue is
// full.
func (w *wire) send(now time.Duration, length int) (done time.Duration, ok bool) {
	for w.waiting.length > 0 && *w.waiting.front() <= now {
		w.waiting.pop()
	}
	if now >= w.free {
		w.free, w.part = now, 0
	} else if w.waiting.length >= w.limit {
		return 0, false
	} else {
		w.waiting.push(w.free)
	}
	w.occupy(length)
	return w.free, true
}

// occupy moves free by the time a frame takes. Rounding each to nanoseconds would
// make another rate of a high one, so the rest is carried over.
func (w *wire) occupy(length int) {
	if w.rate == 0 {
		return
	}
	bits := 8 * uint64(length+w.overhead)
	total := bits*uint64(time.Second) + w.part
	took := total / w.rate
	w.part = total % w.rate
	w.free += time.Duration(took)
}
