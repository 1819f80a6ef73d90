package scenario

import (
	"context"
	"time"

	"allroads/trace"
)

// Traffic is the data that one link carried in a while.
type Traffic struct {
	Link  string
	Bytes uint64
	Rate  float64 // bits per second
}

// trafficTime is how often an observer is told of the traffic.
const trafficTime = 500 * time.Millisecond

// observeTraffic tells the observer what each link carries until ctx ends.
func (p *player) observeTraffic(ctx context.Context) {
	tick := time.NewTicker(trafficTime)
	defer tick.Stop()
	before, then := map[string]uint64{}, p.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		packets, err := p.recorder.Report(ctx)
		if err != nil {
			return
		}
		now := p.now()
		all := traffic(packets, before, now-then)
		then = now
		p.observing.Lock()
		p.observer.Traffic(now, all)
		p.observing.Unlock()
	}
}

// traffic lists what each link has carried since before, which it brings up to
// date.
func traffic(r *trace.Report, before map[string]uint64, span time.Duration) (all []Traffic) {
	for _, link := range r.Interfaces {
		carried := uint64(carried(r, link))
		more := carried - min(before[link], carried)
		before[link] = carried
		all = append(all, Traffic{link, more, 8 * float64(more) / span.Seconds()})
	}
	return all
}
