package scenario

import (
	"context"
	"math"
	"time"

	"allroads/lab"
)

const (
	chunk = 64 << 10 // bytes written at once
	beat  = 10 * time.Millisecond
)

// pace says when a send writes next.
type pace struct {
	bytes uint64        // in all, 0: no limit
	until time.Time     // zero: no limit
	chunk int           // bytes
	each  time.Duration // that a chunk takes, 0: as long as it takes
	next  time.Time
}

func newPace(c *lab.SendConfig) *pace {
	p := &pace{bytes: uint64(c.Bytes), chunk: chunk, next: time.Now()}
	if c.For > 0 {
		p.until = p.next.Add(c.For)
	}
	if c.Rate > 0 {
		p.chunk = int(min(max(float64(c.Rate)/8*beat.Seconds(), 1), chunk))
	}
	// A text stays in one piece where it can: middleboxes look for it.
	if length := len(c.Text); length > 0 {
		p.chunk = max(p.chunk/length, 1) * length
	}
	if c.Rate > 0 {
		p.each = time.Duration(math.Ceil(float64(p.chunk) * 8 / float64(c.Rate) * 1e9))
	}
	return p
}

// await waits until the next chunk is due, after so many bytes. There is none when
// there were enough, time is up or ctx has ended.
func (p *pace) await(ctx context.Context, sent uint64) bool {
	if p.bytes > 0 && sent >= p.bytes {
		return false
	}
	if p.each > 0 {
		due := p.next
		if !p.until.IsZero() && due.After(p.until) {
			due = p.until
		}
		pause(ctx, time.Until(due))
		// Only one chunk's delay is made up for: no faster than the rate.
		p.next = later(p.next, time.Now().Add(-p.each)).Add(p.each)
	}
	return ctx.Err() == nil && (p.until.IsZero() || time.Now().Before(p.until))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
