package bothends

import (
	"fmt"
	"math"
	"net/netip"
	"slices"

	"allroads/trace"
)

// finish makes the result of what is known.
func (c *comparison) finish() (*Result, error) {
	r := &c.result
	r.Schema, r.Hidden = Schema, c.hidden
	r.Swapped = c.turned[1] > c.turned[0]
	client := 0
	if r.Swapped {
		client = 1
	}
	v := view{client: client, epochs: c.clock.epochs()}
	v.spread()
	r.Client, r.Server = c.taps[client].account(), c.taps[1-client].account()
	r.Clock = v.clock()
	slices.SortFunc(c.listed, func(a, b *pair) int { return a.number - b.number })
	tokens := map[string]int{}
	r.Subflows = make([]Subflow, 0, len(c.listed))
	for _, p := range c.listed {
		s := v.subflow(p)
		s.ID = len(r.Subflows) + 1
		s.Connection = connection(tokens, p, &s)
		s.Verdict = s.verdict(s.Directed || c.turned != [2]int{})
		r.Subflows = append(r.Subflows, s)
	}
	if r.Unmatched == nil {
		r.Unmatched = []Unmatched{}
	}
	for i := range r.Unmatched {
		c.cover(&r.Unmatched[i], client)
	}
	r.Notes = c.notes()
	r.Verdict = r.verdict()
	if c.seen == 0 {
		return r, fmt.Errorf("compare captures: %w: the client's has %d, the server's %d", ErrNothingInCommon, r.Client.Flows, r.Server.Flows)
	}
	return r, nil
}

// account is what is reported of a capture.
func (t *tap) account() Capture {
	a := t.counts
	if t.damage != nil {
		a.Damage = t.damage.Error()
	}
	if file, ok := t.source.(interface{ Stats() trace.FileStats }); ok {
		if s := file.Stats(); s.DropsKnown {
			a.Drops = &s.Drops
		}
	}
	return a
}

// connection numbers connections by their token.
func connection(tokens map[string]int, p *pair, s *Subflow) int {
	for _, f := range p.flows {
		if f.identity.hasToken {
			s.Token = f.identity.token.String()
		}
	}
	if s.Token == "" {
		return 0
	}
	if tokens[s.Token] == 0 {
		tokens[s.Token] = len(tokens) + 1
	}
	return tokens[s.Token]
}

// view is how the captures are to be seen: which one is the client's, and what
// clocks they are by.
type view struct {
	client int
	epochs []epoch
}

// usable reports whether packets of both directions bound an epoch's offset.
func (e *epoch) usable() bool { return !math.IsInf(e.least, 0) && !math.IsInf(e.most, 0) }

// known reports whether anything is known of the offset.
func (v *view) known() bool {
	return slices.ContainsFunc(v.epochs, func(e epoch) bool { return e.usable() })
}

// offset is by how much the second capture's clock is ahead at a time of the first's.
func (v *view) offset(at int64) (float64, bool) {
	for i := len(v.epochs) - 1; i >= 0; i-- {
		if e := &v.epochs[i]; e.usable() && (at >= e.from || i == 0) {
			return e.mid.value(at), true
		}
	}
	return 0, false
}

// took is how long a packet took. Between two epochs it is not known which one it is
// of: then it took the shorter of the times that are possible.
func (v *view) took(s sample, forward bool) int64 {
	by := func(e *epoch) int64 {
		t := float64(s.more) - e.mid.value(s.at)
		if !forward {
			t = -t
		}
		return int64(t)
	}
	best, found := int64(0), false
	for i := range v.epochs {
		e := &v.epochs[i]
		if !e.usable() || s.at < e.begins || s.at > e.ends {
			continue
		}
		if t := by(e); !found || best < 0 && t > best || t >= 0 && t < best {
			best, found = t, true
		}
	}
	return best
}

// spread gives each epoch the time around it in which there is no other.
func (v *view) spread() {
	begins := int64(math.MinInt64)
	var before *epoch
	for i := range v.epochs {
		e := &v.epochs[i]
		if !e.usable() {
			continue
		}
		e.begins, e.ends = begins, math.MaxInt64
		if before != nil {
			before.ends = e.from
		}
		before, begins = e, e.to
	}
}

// clock is the longest epoch's, and the steps between all.
func (v *view) clock() (c Clock) {
	var longest *epoch
	var before *epoch
	c.Steps = []Step{}
	for i := range v.epochs {
		e := &v.epochs[i]
		if !e.usable() {
			continue
		}
		if longest == nil || e.to-e.from > longest.to-longest.from {
			longest = e
		}
		if before != nil {
			by := e.mid.value(e.from) - before.mid.value(before.to)
			c.Steps = append(c.Steps, v.step(before.to, e.from, by))
		}
		before = e
	}
	if longest == nil {
		return c
	}
	v.describe(&c, longest)
	return c
}

func (v *view) step(after, before int64, by float64) Step {
	if v.client == 0 {
		return Step{After: after, Before: before, By: int64(by)}
	}
	return Step{After: after + int64(v.at(after)), Before: before + int64(v.at(before)), By: -int64(by)}
}

func (v *view) at(at int64) float64 {
	offset, _ := v.offset(at)
	return offset
}

// describe tells a clock the way the captures are seen.
func (v *view) describe(c *Clock, e *epoch) {
	c.Known, c.At = true, e.mid.at
	low, high, sign := e.least, e.most, 1.0
	if v.client == 1 {
		low, high, sign = -e.most, -e.least, -1
		c.At += int64(e.mid.offset)
	}
	c.Offset, c.Low, c.High = int64(math.Round(sign*e.mid.offset)), int64(math.Floor(low)), int64(math.Ceil(high))
	if !e.driftKnown {
		return
	}
	const ppm = 1e3 // nanoseconds per second
	drift, off := sign*e.mid.drift/ppm, e.spread/ppm
	least, most := e.driftRange[0]/ppm, e.driftRange[1]/ppm
	if sign < 0 {
		least, most = -most, -least
	}
	c.Drift, c.DriftOff, c.DriftLow, c.DriftHigh = &drift, &off, &least, &most
}

// cover tells whether the capture that does not have a flow was running meanwhile.
func (c *comparison) cover(u *Unmatched, client int) {
	u.In = "client"
	if u.tap != client {
		u.In = "server"
	}
	if !c.pace.known {
		return
	}
	offset := c.pace.offset()
	if u.tap == 1 {
		offset = -offset
	}
	other := c.taps[1-u.tap].counts
	covered := u.from+offset >= other.First && u.to+offset <= other.Last
	u.Covered = &covered
}

// notes are what limits the comparison.
func (c *comparison) notes() []string {
	r, notes := &c.result, []string{}
	if r.Swapped {
		notes = append(notes, "the captures were given in the wrong order: what was given as the server's is the client's, and is called so here")
	}
	for i, a := range []*Capture{&r.Client, &r.Server} {
		name := [2]string{"client", "server"}[i]
		if a.Damage != "" {
			notes = append(notes, fmt.Sprintf("the %s's capture could not be read to its end: %s", name, a.Damage))
		}
		if a.Drops != nil && *a.Drops > 0 {
			notes = append(notes, fmt.Sprintf("the %s's capture lost %d packets: some that seem lost or injected may be those", name, *a.Drops))
		}
	}
	if !r.Clock.Known && c.seen > 0 {
		notes = append(notes, "there are not packets of both directions: the clocks cannot be compared, and delays are not known")
	}
	if n := c.forgotten; n > 0 {
		notes = append(notes, fmt.Sprintf("%d packets were given up before their flow was found in the other capture: they are not compared", n))
	}
	return notes
}

// addresses are a flow's as one capture has them.
func (p *pair) addresses(tap, opener int) (from, to netip.AddrPort) {
	f := p.flows[tap]
	return f.source(opener ^ f.turned), f.destination(opener ^ f.turned)
}
