package cli

import (
	"fmt"
	"strings"
	"time"

	"allroads/internal/bench"
)

// flow tells what went in one direction.
func (v *benchView) flow(direction string, r *bench.Result, f *bench.Flow) {
	if f == nil || r.Latency != nil {
		return
	}
	v.out.printf("\n%s\n", v.out.paint(bold, direction+": "+flowText(f)))
	v.paths(f.Paths, bytesOf(f.Paths))
	v.closed(f)
	if f.Received != nil && f.Bytes != nil {
		v.unread(f)
	}
	if r.Test.Mode == bench.Failover {
		v.gap(r, f.Gap)
	}
}

func flowText(f *bench.Flow) string {
	switch {
	case f.Bytes == nil:
		return "what arrived is not known: the receiver's report did not come"
	case f.Goodput == nil:
		return "nothing arrived"
	}
	return fmt.Sprintf("%.1f Mbit/s, %s in %.2f s", *f.Goodput/1e6, bytesText(*f.Bytes), f.Lasted.Seconds())
}

func bytesOf(paths []bench.Path) (bytes uint64) {
	for _, p := range paths {
		bytes += p.Bytes
	}
	return bytes
}

// paths prints a line for each, with its part of all bytes if those are given.
func (v *benchView) paths(paths []bench.Path, all uint64) {
	servers := map[string]bool{}
	for _, p := range paths {
		servers[p.Server.String()] = true
	}
	var labels []string
	width := 0
	for _, p := range paths {
		label := placeText(p.Place, len(servers) > 1)
		if p.Subflows > 1 {
			label += fmt.Sprintf(" (%d)", p.Subflows)
		}
		labels = append(labels, label)
		width = max(width, len(label))
	}
	for i, p := range paths {
		v.path(fmt.Sprintf("%-*s", width, labels[i]), &p, all)
	}
}

func (v *benchView) path(label string, p *bench.Path, all uint64) {
	words := []string{}
	if p.Goodput != nil {
		words = append(words, fmt.Sprintf("%8.1f Mbit/s", *p.Goodput/1e6))
	} else {
		words = append(words, bytesText(p.Bytes))
	}
	if all > 0 {
		words = append(words, fmt.Sprintf("%5.1f %%", 100*float64(p.Bytes)/float64(all)))
	}
	if p.RTT > 0 {
		words = append(words, "rtt "+milliseconds(p.RTT))
	}
	if p.Retransmitted > 0 {
		words = append(words, bytesText(p.Retransmitted)+" sent again")
	}
	v.out.wrapped(8, "    "+label+" ", words)
}

// closed counts the subflows that went during the test.
func (v *benchView) closed(f *bench.Flow) {
	var names []string
	for _, s := range f.Subflows {
		if s.Closed {
			names = append(names, fmt.Sprintf("%s > %s", s.Client, s.Server))
		}
	}
	if len(names) > 0 {
		v.out.wrapped(6, "    closed during the test:", strings.Fields(strings.Join(names, ", ")))
	}
}

// unread says why subflows carried more than was delivered.
func (v *benchView) unread(f *bench.Flow) {
	if *f.Received <= *f.Bytes {
		return
	}
	text := bytesText(*f.Received-*f.Bytes) + " more were received than delivered"
	if f.Beyond != nil {
		text += fmt.Sprintf(": %s of them twice, or before their turn", bytesText(*f.Beyond))
	}
	v.out.printf("    %s\n", v.out.paint(dim, text))
}

func (v *benchView) gap(r *bench.Result, g *bench.Gap) {
	if g == nil {
		return
	}
	text := fmt.Sprintf("longest gap %s, from %.3f s", milliseconds(g.Lasted), g.Began.Seconds())
	if g.Open {
		text += " to the end of the test"
	}
	if r.Test.Connections > 1 {
		text += fmt.Sprintf(", on connection %d", g.Connection)
	}
	v.out.printf("    %s\n", v.out.paint(bold, text))
}

func (v *benchView) latency(t *bench.Times) {
	if t == nil {
		return
	}
	v.out.printf("\n%s\n", v.out.paint(bold, fmt.Sprintf("latency of %d requests and responses:", t.Responses)))
	if t.Responses > 0 {
		v.out.printf("  min %s, mean %s\n", milliseconds(t.Min), milliseconds(t.Mean))
		for _, p := range []struct {
			name string
			time time.Duration
		}{{"p50", t.P50}, {"p90", t.P90}, {"p99", t.P99}, {"p99.9", t.P999}, {"max", t.Max}} {
			v.out.printf("  %-5s %s\n", p.name, milliseconds(p.time))
		}
	}
	if t.Unanswered > 0 {
		v.out.printf("  %d were not answered\n", t.Unanswered)
	}
	if t.Unsent > 0 {
		v.out.printf("  %d could not be sent when they were due: too many were open\n", t.Unsent)
	}
}
