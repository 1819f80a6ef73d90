package page

import (
	"cmp"
	"slices"

	"allroads/trace"
)

// maxSeries is how many subflows are drawn in one graph, those with most data.
const maxSeries = 12

// series is what one subflow did in one direction.
type series struct {
	class, label string
	buckets      []trace.Bucket
	carried      *trace.Carried
}

// collect gives the subflows that have something to draw, in order of their numbers,
// and how many more there are.
func collect(c *trace.Connection, d *direction, has func(*trace.Bucket) bool) (all []series, left int) {
	classes := styles(c)
	for i := range c.Subflows {
		flow := &c.Subflows[i]
		one := series{classes[i], nameOf(flow), d.of(flow).Chart, d.of(flow)}
		if slices.ContainsFunc(one.buckets, func(b trace.Bucket) bool { return has(&b) }) {
			all = append(all, one)
		}
	}
	if len(all) <= maxSeries {
		return all, 0
	}
	most := slices.Clone(all)
	slices.SortStableFunc(most, func(a, b series) int {
		return cmp.Compare(b.carried.Payload+b.carried.Reinjected, a.carried.Payload+a.carried.Reinjected)
	})
	least := most[maxSeries:]
	all = slices.DeleteFunc(all, func(s series) bool {
		return slices.ContainsFunc(least, func(l series) bool { return l.carried == s.carried })
	})
	return all, len(least)
}

// columns is how many buckets a graph is wide, the same for all of a connection.
func columns(c *trace.Connection) (n int) {
	for i := range c.Subflows {
		n = max(n, len(c.Subflows[i].ToServer.Chart), len(c.Subflows[i].ToClient.Chart))
	}
	return n
}
