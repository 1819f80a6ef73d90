package summary

import (
	"fmt"

	"allroads/trace"
)

// stream writes what is known of one side's data.
func (p *page) stream(title string, s *trace.Stream, gain *trace.Aggregation) {
	p.blank()
	p.heading(title)
	p.field(2, "bytes", fmt.Sprintf("%d seen, %d more acknowledged though not captured; sent with all repeats %d", s.Bytes, s.Unseen, s.Sent))
	if s.First == 0 {
		return
	}
	ended := "its end was not seen"
	if s.Ended {
		ended = "ended"
	}
	p.field(2, "progress", fmt.Sprintf("%s, acknowledged to %d; first to last payload %s", ended, s.AckedTo, took(s.Last-s.First)))
	p.field(2, "goodput", fmt.Sprintf("%s, throughput %s", rateText(s.Goodput), rateText(s.Throughput)))
	p.field(2, "aggregation", gainText(gain))
	p.field(2, "reordering", reorderingText(&s.Reordering))
	p.field(2, "stall", stallText(s))
	p.field(2, "window", windowText(&s.Window))
}

// gainText compares the goodput with that of the best subflow alone.
func gainText(a *trace.Aggregation) string {
	if a.Goodput == 0 || a.Best == 0 {
		return unknown
	}
	return fmt.Sprintf("%s, the best subflow alone (%d) %s: %.2f times as much",
		rateText(a.Goodput), a.Subflow, rateText(a.Best), float64(a.Goodput)/float64(a.Best))
}

func reorderingText(r *trace.Reordering) string {
	if r.Packets == 0 {
		return "none, all data came in order"
	}
	return fmt.Sprintf("%s with %s came early, by %s at most; a buffer of %s waited for %s, at once %s at most, a byte %s on average",
		count(r.Packets, "packet"), bytesText(r.Bytes), bytesText(r.Distance), bytesText(r.Buffer),
		took(r.Waited), took(r.Longest), took(r.Average))
}

func stallText(s *trace.Stream) string {
	if s.Stall.Duration == 0 {
		return "none was seen"
	}
	return fmt.Sprintf("the longest %s, %s into the data, at byte %d; acknowledgements came on subflow %s before and on %s after",
		took(s.Stall.Duration), took(s.Stall.At-s.First), s.Stall.Offset, flowNumber(s.Stall.Before), flowNumber(s.Stall.After))
}

func flowNumber(id int) string {
	if id == 0 {
		return unknown
	}
	return fmt.Sprint(id)
}

func windowText(w *trace.Window) string {
	if !w.Known {
		return unknown
	}
	return fmt.Sprintf("%s to %s offered, closed %s; %s under way at most, for %s there was no room for another segment",
		bytesText(w.Min), bytesText(w.Max), count(w.Closed, "time"), bytesText(w.Flight), took(w.Limited))
}
