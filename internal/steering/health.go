package steering

import (
	"fmt"
	"time"

	"allroads/internal/config"
)

// health is how good a path is, as far as it was measured.
type health struct {
	why   string // it is bad; "": it is good
	kind  ailment
	since moment // that it is good, or bad
	out   moment // data has been out since then; 0: none is
	quiet moment // nothing was sent since then
	rtt   time.Duration
	old   time.Duration // an RTT that says nothing any more
	sent  uint64
	stuck bool // it is stale, and what tells so is no mere suspicion

	suspicion suspicion

	window [2]sample // the older, and the newer beginning of the window for loss
}

// sample is what was counted at a moment.
type sample struct {
	at          moment
	sent, again uint64
}

// ailment is what is bad about a path.
type ailment uint8

const (
	none ailment = iota
	stale
	lossy
	slow
)

const (
	defaultStall     = 500 * time.Millisecond
	defaultRecovered = 5 * time.Second
	// lossWindow is the least length of the window in which loss is computed; it is up
	// to twice that.
	lossWindow   = moment(2 * time.Second)
	lossSegments = 20 // in the window, or loss says nothing
)

func (p *path) bad() bool { return p.health != nil && p.health.kind != none }

// stuck tells whether data was sent into a path, and nothing came back.
func (p *path) stuck() bool { return p.bad() && p.health.stuck }

// goodSince is when a path became as good as it is.
func (p *path) goodSince() moment {
	if p.health == nil {
		return p.since
	}
	return max(p.since, p.health.since)
}

// recovers is for how long a path has to be good again before it is relied upon.
func (c *connection) recovers(p *path) moment {
	d := c.strategy.Recovered
	if d == 0 {
		d = defaultRecovered
	}
	return moment(d << c.flaps(p))
}

// judge takes a measurement of a path.
func (s *State) judge(c *connection, p *path, f *LiveSubflow) {
	if p.health == nil {
		p.health = &health{since: p.since, quiet: s.now}
	}
	h := p.health
	h.count(s.now, f)
	if p.backup || c.intent == nil || c.intent.active != p.local.Addr().Unmap() {
		h.suspicion.stream, h.suspicion.since = 0, 0 // It is silent because it is not used.
	} else {
		h.suspicion.watch(s.now, f)
	}
	kind, why := h.diagnose(s.now, f, c.strategy.Bad)
	h.stuck = h.stuck || kind == stale
	if kind == none && c.hole(p, s.now, f) {
		kind, why = stale, "stale: the stream stopped, and a handshake on it has no answer"
	}
	switch {
	case kind != none && h.kind == none:
		s.lapses(c, p)
		h.kind, h.why, h.since = kind, why, s.now
		c.tell(s.now, wentBad, p, why)
	case h.kind != none && s.heals(c, p, kind, f):
		h.kind, h.why, h.since, h.stuck = none, "", s.now, false
		c.tell(s.now, recovered, p, "")
	case kind != none && h.kind != none && kind != h.kind && h.kind != stale:
		h.kind, h.why = kind, why
	}
}

// count follows what was sent.
func (h *health) count(now moment, f *LiveSubflow) {
	h.rtt = f.RTT
	if f.Sent != h.sent {
		h.sent, h.quiet = f.Sent, now
	}
	if !f.Outstanding {
		h.out = 0
	} else if h.out == 0 {
		h.out = now
	}
	if newer := &h.window[1]; newer.at == 0 || now-newer.at >= lossWindow {
		h.window[0] = *newer
		*newer = sample{now, f.Sent, f.Again}
	}
}

// diagnose tells what is bad about a path now.
func (h *health) diagnose(now moment, f *LiveSubflow, bad config.Bad) (ailment, string) {
	stall := bad.Stall
	if stall == 0 {
		stall = defaultStall
	}
	stall = max(stall, f.RTT*2)
	// Silence counts from when data is out: before, there was nothing to answer. Two
	// time-outs say the same where that was not seen.
	silent := min(f.Silent, time.Duration(now-h.out))
	switch {
	case f.Outstanding && (silent >= stall || f.Timeouts >= 2 && f.Silent >= stall):
		return stale, fmt.Sprintf("stale: nothing came back for %d ms", f.Silent.Milliseconds())
	case bad.Loss > 0 && h.loss(f) > bad.Loss:
		return lossy, fmt.Sprintf("lossy: %.1f %% of the segments sent again", 100*h.loss(f))
	case bad.RTT > 0 && f.RTT > bad.RTT && !h.sinks(f.RTT):
		return slow, fmt.Sprintf("slow: a round trip takes %d ms", f.RTT.Milliseconds())
	}
	return none, ""
}

// sinks tells whether the RTT of a path that was given another chance says nothing yet: the
// kernel smooths it, so that it comes down from what it was step by step.
func (h *health) sinks(rtt time.Duration) bool {
	if h.old == 0 || rtt > h.old {
		h.old = 0
		return false
	}
	h.old = rtt
	return true
}

// loss is the part of the segments of the window that were sent again.
func (h *health) loss(f *LiveSubflow) float64 {
	from := h.window[0]
	if from.at == 0 {
		from = h.window[1]
	}
	sent := f.Sent - from.sent
	if f.Sent < from.sent || sent < lossSegments {
		return 0
	}
	return float64(f.Again-from.again) / float64(sent)
}

// heals tells whether a bad path is good again. A stale one has to have brought something
// since. One that was lossy or slow, and carries nothing now, is given another chance.
func (s *State) heals(c *connection, p *path, now ailment, f *LiveSubflow) bool {
	h := p.health
	if h.kind == stale {
		return now != stale && s.now-moment(f.Silent) > h.since
	}
	if s.now-max(h.quiet, h.since) >= c.recovers(p) {
		h.old = f.RTT
		h.window = [2]sample{}
		return true
	}
	return now == none && h.quiet > h.since
}
