package bothends

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"
)

// text is what people read, line by line.
type text struct {
	bytes.Buffer
	width int
}

// Write writes the result for people, in lines of at most width columns where words
// allow it; 0 is no limit.
func (r *Result) Write(w io.Writer, width int) error {
	t := &text{width: width}
	t.line("", "%s", r.Verdict)
	for _, note := range r.Notes {
		t.line("", "note: %s", note)
	}
	t.line("", "")
	t.clock(&r.Clock)
	for i := range r.Subflows {
		t.subflow(&r.Subflows[i])
	}
	if r.Hidden.Subflows > 0 {
		t.line("", "\n%d more subflows, which lost %d packets; in %d something was altered", r.Hidden.Subflows, r.Hidden.Lost, r.Hidden.Altered)
	}
	t.unmatched(r)
	if r.Plain+r.PlainUnmatched > 0 {
		t.line("", "\nbesides %d flows without MPTCP in both captures, and %d in one only", r.Plain, r.PlainUnmatched)
	}
	_, err := w.Write(t.Bytes())
	if err != nil {
		return fmt.Errorf("write comparison: %w", err)
	}
	return nil
}

// line writes words, and goes on below them where the width does not suffice.
func (t *text) line(indent, format string, values ...any) {
	all := fmt.Sprintf(format, values...)
	for strings.HasPrefix(all, "\n") {
		t.WriteByte('\n')
		all = all[1:]
	}
	column := len(indent)
	t.WriteString(indent)
	for i, word := range strings.Split(all, " ") {
		if i > 0 && t.width > 0 && column+1+len(word) > t.width {
			t.WriteString("\n  " + indent)
			column = len(indent) + 2
		} else if i > 0 {
			t.WriteByte(' ')
			column++
		}
		t.WriteString(word)
		column += len(word)
	}
	t.WriteByte('\n')
}

func (t *text) clock(c *Clock) {
	if !c.Known {
		t.line("", "clocks: not known how far they are apart")
		return
	}
	word := "ahead of"
	if c.Offset < 0 {
		word = "behind"
	}
	t.line("", "clocks: the server's is %s %s the client's, assuming the fastest packets take equally long in both directions; surely between %s and %s",
		span(max(c.Offset, -c.Offset)), word, signed(c.Low), signed(c.High))
	if c.Drift != nil {
		t.line("        ", "and gains %+.2f ppm (give or take %.2f if the fastest packets always take equally long; surely between %+.1f and %+.1f)",
			*c.Drift, *c.DriftOff, *c.DriftLow, *c.DriftHigh)
	}
	for _, s := range c.Steps {
		t.line("        ", "one of them was stepped: the server's gained %s within %s", signed(s.By), span(s.Before-s.After))
	}
}

func (t *text) subflow(s *Subflow) {
	t.line("", "\nsubflow %d: %s", s.ID, s.Verdict)
	ends := fmt.Sprintf("%s > %s", s.AtClient.Client, s.AtClient.Server)
	if s.AtServer != s.AtClient {
		ends += fmt.Sprintf(", at the server %s > %s", s.AtServer.Client, s.AtServer.Server)
	}
	if s.Token != "" {
		ends += fmt.Sprintf("; connection %d, token 0x%s", s.Connection, s.Token)
	}
	t.line("  ", "%s; matched by %s", ends, s.Basis)
	t.line("  ", "%-11s%8s%8s%7s%6s%8s  %s", "", "sent", "arrived", "lost", "dup", "reorder", "delay: min, median, p95, p99, max")
	t.way("to server", &s.ToServer)
	t.way("to client", &s.ToClient)
	for i := range s.Changes {
		t.line("    ", "%s", s.Changes[i].Text)
	}
}

func (t *text) way(name string, w *Way) {
	delay := "not known"
	if q := w.Delay; q != nil {
		delay = fmt.Sprintf("%s %s %s %s %s", span(q.Min), span(q.Median), span(q.P95), span(q.P99), span(q.Max))
	}
	t.Write(fmt.Appendf(nil, "  %-11s%8d%8d%7d%6d%8d  %s\n", name, w.Sent.Packets, w.Arrived.Packets, w.Lost.Packets, w.Duplicated, w.Reordered, delay))
	if w.Lost.Bytes > 0 {
		segments := "in segments that are not known"
		if w.Lost.Segments != nil {
			segments = fmt.Sprintf("in %d segments", *w.Lost.Segments)
		}
		t.line("    ", "lost: %d bytes %s, the first in packet %d", w.Lost.Bytes, segments, w.Lost.First)
	}
	if w.Largest[0] > w.Largest[1] && w.Largest[1] > 0 {
		t.line("    ", "cut on the way: packets have up to %d bytes where they are sent, %d where they arrive", w.Largest[0], w.Largest[1])
	}
	if w.Largest[1] > w.Largest[0] && w.Largest[0] > 0 {
		t.line("    ", "joined on the way: packets have up to %d bytes where they are sent, %d where they arrive", w.Largest[0], w.Largest[1])
	}
	if w.Outside > 0 {
		t.line("    ", "%d packets are left out: one capture had not begun, or had ended", w.Outside)
	}
}

func (t *text) unmatched(r *Result) {
	if len(r.Unmatched) > 0 {
		t.line("", "\nin one capture only:")
	}
	for i := range r.Unmatched {
		u := &r.Unmatched[i]
		what := "plain TCP"
		if u.Join {
			what = "MP_JOIN"
		} else if u.MPTCP {
			what = "MPTCP"
		}
		why := "it is not known whether the other capture was running"
		if u.Covered != nil && *u.Covered {
			why = "the other capture was running"
		} else if u.Covered != nil {
			why = "the other capture was not running all the time"
		}
		t.line("  ", "at the %s: %s > %s (%s), %d packets and %d answers; %s", u.In, u.From, u.To, what, u.Packets, u.Answers, why)
	}
	if r.UnmatchedHidden > 0 {
		t.line("  ", "and %d more", r.UnmatchedHidden)
	}
}

// span is a duration in three or four digits.
func span(ns int64) string {
	d := time.Duration(ns)
	switch abs := d.Abs(); {
	case abs >= 10*time.Second:
		return d.Round(10 * time.Millisecond).String()
	case abs >= 10*time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case abs >= 10*time.Microsecond:
		return d.Round(10 * time.Nanosecond).String()
	}
	return d.String()
}

func signed(ns int64) string {
	if ns >= 0 {
		return "+" + span(ns)
	}
	return span(ns)
}
