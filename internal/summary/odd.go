package summary

import (
	"cmp"
	"fmt"
	"slices"

	"allroads/trace"
)

// odd is what is odd about all connections. The like is put together, and of each
// the first few are kept in words.
type odd struct{ groups []oddGroup }

type oddGroup struct {
	rank   oddity
	key    string
	times  uint64
	first  []oddNote
	latest int // the connection that was noted last
	among  uint64
}

type oddNote struct {
	connection int
	text       string
}

const (
	maxGroups = 64 // more than there are
	maxFirst  = 4  // kept of each
	maxOdd    = 6  // told
)

// add takes note of a connection, and returns the rank of what is oddest about it.
func (o *odd) add(c *trace.Connection) (highest oddity) {
	notes(c, func(rank oddity, key string, text func() string) {
		highest = max(highest, rank)
		g := o.group(rank, key)
		if g == nil {
			return
		}
		g.times++
		if g.among == 0 || g.latest != c.ID {
			g.among++
			g.latest = c.ID
		}
		if len(g.first) < maxFirst {
			g.first = append(g.first, oddNote{c.ID, text()})
		}
	})
	return highest
}

func (o *odd) group(rank oddity, key string) *oddGroup {
	i := slices.IndexFunc(o.groups, func(g oddGroup) bool { return g.key == key })
	if i < 0 {
		if len(o.groups) == maxGroups {
			return nil
		}
		i = len(o.groups)
		o.groups = append(o.groups, oddGroup{rank: rank, key: key})
	}
	return &o.groups[i]
}

// lines are what to tell, the worst first: each note, if these are few, or one of
// each kind.
func (o *odd) lines() (lines []string) {
	groups := slices.Clone(o.groups)
	slices.SortStableFunc(groups, func(a, b oddGroup) int { return cmp.Compare(b.rank, a.rank) })
	few := o.few()
	for i := range groups {
		g := &groups[i]
		shown := g.first
		if !few {
			shown = shown[:1]
		}
		for j, one := range shown {
			text := fmt.Sprintf("connection %d: %s", one.connection, one.text)
			if j == len(shown)-1 {
				text += g.rest(len(shown))
			}
			lines = append(lines, text)
		}
	}
	if len(lines) > maxOdd {
		more := len(lines) - maxOdd + 1
		lines = append(lines[:maxOdd-1], fmt.Sprintf("and %d more kinds of notes", more))
	}
	return lines
}

// few reports whether there is room for every note.
func (o *odd) few() bool {
	all := uint64(0)
	for i := range o.groups {
		all += o.groups[i].times
		if o.groups[i].times > maxFirst {
			return false
		}
	}
	return all <= maxOdd
}

func (g *oddGroup) rest(shown int) string {
	switch more := g.times - uint64(shown); {
	case more == 0:
		return ""
	case g.among == 1 || g.among == g.times:
		return fmt.Sprintf("; and %d more like it", more)
	default:
		return fmt.Sprintf("; and %d more like it, in %d connections", more, g.among)
	}
}
