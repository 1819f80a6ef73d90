package trace

import "slices"

// Bucket is what a subflow did in one direction within a piece of time.
type Bucket struct {
	Bytes    uint64 `json:"bytes"`    // of the stream, new
	Repeated uint64 `json:"repeated"` // payload that had been seen, by TCP's numbers or the stream's
	Low      uint64 `json:"low"`      // the lowest stream offset of a byte
	High     uint64 `json:"high"`     // behind the highest; 0 when no data came
	RTT      int64  `json:"rtt"`      // nanoseconds, the average; 0 when none was measured
	MaxRTT   int64  `json:"rtt_max"`
}

// bucket is one that grows still: its RTT is a sum.
type bucket struct {
	Bucket
	samples int64
}

// chart is a list of buckets that grows up to a count: when time goes beyond the
// last, each two become one.
type chart struct {
	buckets []bucket
	width   int64
}

// firstWidth is how long a bucket is at first, in nanoseconds.
const firstWidth = 1e6

// at is the bucket for a time. What comes before the beginning, by a clock that was
// set back, is in the first.
func (c *chart) at(of *connection, now int64) *bucket {
	c.width = max(c.width, firstWidth)
	since := max(now-of.began, 0)
	for since/c.width >= int64(of.chart) {
		c.double()
	}
	i := int(since / c.width)
	for len(c.buckets) <= i {
		c.buckets = append(c.buckets, bucket{})
	}
	return &c.buckets[i]
}

func (c *chart) double() {
	if len(c.buckets)%2 != 0 {
		c.buckets = append(c.buckets, bucket{})
	}
	half := len(c.buckets) / 2
	for i := range half {
		c.buckets[i] = c.buckets[2*i].with(&c.buckets[2*i+1])
	}
	c.buckets = c.buckets[:half]
	c.width *= 2
}

// with is two buckets in one.
func (b *bucket) with(o *bucket) (both bucket) {
	both.Bucket = Bucket{
		Bytes: b.Bytes + o.Bytes, Repeated: b.Repeated + o.Repeated, Low: b.Low, High: max(b.High, o.High),
		RTT: b.RTT + o.RTT, MaxRTT: max(b.MaxRTT, o.MaxRTT),
	}
	both.samples = b.samples + o.samples
	if b.High == 0 || o.High != 0 && o.Low < b.Low {
		both.Low = o.Low
	}
	return both
}

// carried counts a part of the stream.
func (c *chart) carried(of *connection, now int64, origin, lo, hi, fresh uint64) {
	b := c.at(of, now)
	b.Bytes += fresh
	b.Repeated += hi - lo - fresh
	// In a stream whose start was not captured, what comes from before the first
	// byte that was seen is charted at it.
	part := Bucket{Low: max(lo, origin) - origin, High: max(hi, origin) - origin}
	if b.High == 0 || part.Low < b.Low {
		b.Low = part.Low
	}
	b.High = max(b.High, part.High)
}

// measured counts a round trip: RTT is the sum until it is reported.
func (c *chart) measured(of *connection, now, rtt int64) {
	b := c.at(of, now)
	b.RTT += rtt
	b.samples++
	b.MaxRTT = max(b.MaxRTT, rtt)
}

// report gives the buckets up to a time, at a common width.
func (c *chart) report(width int64) []Bucket {
	if len(c.buckets) == 0 {
		return []Bucket{}
	}
	wide := chart{slices.Clone(c.buckets), c.width}
	for wide.width < width {
		wide.double()
	}
	n := len(wide.buckets)
	for n > 0 && wide.buckets[n-1] == (bucket{}) {
		n--
	}
	out := make([]Bucket, n)
	for i := range out {
		out[i] = wide.buckets[i].Bucket
		out[i].RTT /= max(wide.buckets[i].samples, 1)
	}
	return out
}

// chartWidth is the width of the widest chart, 0 when there is none.
func (c *connection) chartWidth() (width int64) {
	for _, flow := range c.subflows {
		width = max(width, flow.halves[0].chart.width, flow.halves[1].chart.width)
	}
	return width
}
