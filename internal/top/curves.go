package top

import (
	"fmt"

	"allroads/internal/fullscreen"
)

// curves shows rate and round-trip time lately, in one row.
func (w *strand) curves(width int) (l line) {
	rate, rtt := rateText(w.rate()), rttText(w.subflow.TCP.RTT)
	size := max(0, (width-2-14-16)/2)
	l.add(0, "  ")
	l.add(fullscreen.Blue, w.graph(rateGraph, size, 1)[0])
	l.add(0, fmt.Sprintf(" %6s bit/s  ", rate))
	l.add(fullscreen.Magenta, w.graph(rttGraph, size, 1)[0])
	l.add(0, " rtt "+rtt)
	return l
}

func (w *strand) rate() *float64 { return both(w.path.Sent, w.path.Received) }

// most is the highest rate of any subflow lately, nil if none is known.
func (w *strand) most() *float64 {
	if w.topRate < 0 {
		return nil
	}
	return new(float64(w.topRate))
}

// What a graph is of.
const (
	rateGraph = iota
	rttGraph
)

func (w *strand) graph(of, width, height int) []string {
	if w.series == nil {
		return graph(nil, width, height, 0)
	}
	if of == rttGraph {
		return graph(w.memory.recent(w.series, &w.series.rtt, 2*width), width, height, w.topRTT)
	}
	return graph(w.memory.recent(w.series, &w.series.rate, 2*width), width, height, w.topRate)
}
