package page

import (
	"cmp"
	"slices"

	"allroads/trace"
)

// What a page holds at most: with it, it stays below five megabytes.
const (
	maxRows     = 2000
	detailBytes = 3_500_000 // about single connections
)

// ranked are the positions of the connections: those where something is not as it
// should be come before the others, and much data before little.
func (p *Page) ranked() []int {
	order := make([]int, len(p.Connections))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &p.Connections[a], &p.Connections[b]
		return cmp.Or(cmp.Compare(oddness(y), oddness(x)), cmp.Compare(volume(y), volume(x)))
	})
	return order
}

// remarkable is a page with as many connections as may be in the table.
func (p *Page) remarkable() *Page {
	if len(p.Connections) <= maxRows {
		return p
	}
	shown := *p
	shown.Hidden += len(p.Connections) - maxRows
	kept := p.ranked()[:maxRows]
	slices.Sort(kept)
	shown.Connections = nil
	for _, i := range kept {
		shown.Connections = append(shown.Connections, p.Connections[i])
	}
	return &shown
}

// details are the sections on connections, "" for one that is a row only.
func (p *Page) details() []markup {
	out := make([]markup, len(p.Connections))
	var one pen
	room := detailBytes
	for n, i := range p.ranked() {
		one.Reset()
		section(&one, &p.Connections[i], len(out) == 1 && p.Hidden == 0)
		if room -= one.Len(); room < 0 && n > 0 { // one at least
			break
		}
		out[i] = markup(one.String())
	}
	return out
}

// oddness is 2 for a connection that is not what it should be, 1 for one whose
// packets do not tell.
func oddness(c *trace.Connection) int {
	switch c.Conclusion.Kind {
	case trace.KindFallback, trace.KindUnanswered:
		return 2
	}
	worst := 0
	for _, list := range checksOf(c) {
		for i := range list.checks {
			switch list.checks[i].Status {
			case trace.Bad:
				return 2
			case trace.Unknown:
				worst = 1
			}
		}
	}
	return worst
}

func volume(c *trace.Connection) uint64 { return c.ToServer.Bytes + c.ToClient.Bytes }
