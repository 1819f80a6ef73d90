package page

import (
	"cmp"
	"slices"

	"allroads/trace"
)

// detailBytes is how much may be written about single connections: the page stays
// below five megabytes.
const detailBytes = 3_800_000

// details are the sections on connections, "" for one that is a row only. When they
// are too many, those where something is not as it should be come before the others,
// and much data before little.
func (p *Page) details() []markup {
	order := make([]int, len(p.Connections))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &p.Connections[a], &p.Connections[b]
		return cmp.Or(cmp.Compare(oddness(y), oddness(x)), cmp.Compare(volume(y), volume(x)))
	})
	out := make([]markup, len(p.Connections))
	var one pen
	for room := detailBytes; len(order) > 0 && room > 0; order = order[1:] {
		one.Reset()
		section(&one, &p.Connections[order[0]], len(out) == 1 && p.Hidden == 0)
		if room -= one.Len(); room >= 0 || len(order) == len(out) { // one at least
			out[order[0]] = markup(one.String())
		}
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
