package top

import "allroads/internal/live"

// totals are sums over all connections of a look.
type totals struct {
	connections, subflows, pending int
	sent, received                 flow
}

// flow is a sum of rates, in bytes per second, of those that are known.
type flow struct {
	rate  float64
	known bool
}

func (f *flow) add(rate *float64) {
	if rate != nil {
		f.rate += *rate
		f.known = true
	}
}

// sum is nil where none is known.
func (f *flow) sum() *float64 {
	if !f.known {
		return nil
	}
	return &f.rate
}

func total(s *live.Snapshot) (t totals) {
	for i := range s.Connections {
		c := &s.Connections[i]
		t.connections++
		t.subflows += c.Established()
		t.pending += c.Pending()
		t.sent.add(c.Sent)
		t.received.add(c.Received)
	}
	return t
}

// both is what goes both ways, nil where nothing is known.
func both(sent, received *float64) *float64 {
	var f flow
	f.add(sent)
	f.add(received)
	return f.sum()
}

// known is a rate to compare with: what is not known is less than nothing.
func known(rate *float64) float64 {
	if rate == nil {
		return -1
	}
	return *rate
}
