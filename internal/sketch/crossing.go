package sketch

import (
	"cmp"
	"slices"
	"sort"
)

// places are where a hop begins and ends in the order of its layers.
func (d *diagram) places(h int) (left, right int) {
	return d.vertices[d.hops[h].left].pos, d.vertices[d.hops[h].right].pos
}

// sortHops puts the hops in order, in the channels and at each vertex.
func (d *diagram) sortHops() {
	byRight := func(a, b int) int {
		la, ra := d.places(a)
		lb, rb := d.places(b)
		return cmp.Or(cmp.Compare(la, lb), cmp.Compare(ra, rb), cmp.Compare(d.hops[a].link, d.hops[b].link))
	}
	for i := range d.channels {
		d.channels[i] = d.channels[i][:0]
		for _, v := range d.layers[i] {
			slices.SortFunc(d.vertices[v].right, byRight)
			d.channels[i] = append(d.channels[i], d.vertices[v].right...)
		}
		for _, v := range d.layers[i+1] {
			slices.SortFunc(d.vertices[v].left, byRight)
		}
	}
}

// sortLoops turns each loop so that it begins at its upper end, and puts those of
// each vertex in order: at its upper end the longest loop is the outermost.
func (d *diagram) sortLoops() {
	for i := range d.loops {
		l := &d.loops[i]
		if d.vertices[l.upper].pos > d.vertices[l.lower].pos {
			l.upper, l.lower = l.lower, l.upper
		}
		d.vertices[l.upper].loops = append(d.vertices[l.upper].loops, i)
		if l.lower != l.upper {
			d.vertices[l.lower].loops = append(d.vertices[l.lower].loops, i)
		}
	}
	for v := range d.vertices {
		slices.SortStableFunc(d.vertices[v].loops, func(a, b int) int {
			return cmp.Compare(d.farPlace(b, v), d.farPlace(a, v))
		})
	}
}

// farPlace is where in the layer the other end of a loop of v is.
func (d *diagram) farPlace(loop, v int) int {
	l := d.loops[loop]
	return d.vertices[l.upper+l.lower-v].pos
}

// crossings counts the pairs of hops that cross.
func (d *diagram) crossings() (count int) {
	d.sortHops()
	for i, channel := range d.channels {
		// A Fenwick tree over the right layer: how many ends are at or above a place.
		tree := make([]int, len(d.layers[i+1])+1)
		for seen, h := range channel {
			_, right := d.places(h)
			above := 0
			for j := right + 1; j > 0; j &= j - 1 {
				above += tree[j]
			}
			count += seen - above
			for j := right + 1; j < len(tree); j += j & -j {
				tree[j]++
			}
		}
	}
	return count
}

// straighten chooses as many hops as can be straight lines: in each channel a
// longest sequence of which none crosses another.
func (d *diagram) straighten() {
	for _, channel := range d.channels {
		last, before := d.longest(channel)
		for h := last; h >= 0; h = before[h] {
			d.hops[h].straight = true
		}
	}
}

// longest finds a longest sequence of hops that do not cross, from its last hop
// backwards, -1 being the end.
func (d *diagram) longest(channel []int) (last int, before map[int]int) {
	lasts := []int{-1} // of the best sequence of each length
	before = map[int]int{}
	for _, h := range channel {
		_, right := d.places(h)
		length := 1 + sort.Search(len(lasts)-1, func(i int) bool {
			_, place := d.places(lasts[i+1])
			return place > right
		})
		before[h] = lasts[length-1]
		if length == len(lasts) {
			lasts = append(lasts, -1)
		}
		lasts[length] = h
	}
	return lasts[len(lasts)-1], before
}

// flat is whether all links are straight lines from left to right.
func (d *diagram) flat() bool {
	bent := func(h hop) bool { return !h.straight }
	return len(d.loops) == 0 && !slices.ContainsFunc(d.hops, bent)
}
