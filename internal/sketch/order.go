package sketch

import (
	"cmp"
	"slices"
)

// sweeps is how often the layers are gone through, there and back, for fewer
// crossings. It bounds the time; what the first few do not find is not looked for.
const sweeps = 6

// order puts the vertices of each layer in an order with few crossings: each at
// the mean place of its neighbours, first seen from the left, then from the right.
func (d *diagram) order() {
	d.walk()
	best, layers := d.crossings(), d.copyLayers()
	for i := 0; i < 2*sweeps && best > 0; i++ {
		d.sweep(i%2 == 0)
		if now := d.crossings(); now < best {
			best, layers = now, d.copyLayers()
		}
	}
	d.layers = layers
	d.number()
	d.sortHops()
	d.sortLoops()
	d.straighten()
}

// walk orders each layer as a walk into the depth comes by, which draws a tree
// without a crossing.
func (d *diagram) walk() {
	seen := make([]bool, len(d.vertices))
	for i := range d.layers {
		d.layers[i] = d.layers[i][:0]
	}
	stack := []int{0}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[v] {
			continue
		}
		seen[v] = true
		layer := d.vertices[v].layer
		d.layers[layer] = append(d.layers[layer], v)
		stack = append(stack, d.neighbours(v)...)
	}
	d.number()
}

// neighbours are the vertices next to v, the first one last.
func (d *diagram) neighbours(v int) (list []int) {
	for _, h := range slices.Backward(d.vertices[v].right) {
		list = append(list, d.hops[h].right)
	}
	for _, h := range slices.Backward(d.vertices[v].left) {
		list = append(list, d.hops[h].left)
	}
	return list
}

func (d *diagram) number() {
	for _, layer := range d.layers {
		for pos, v := range layer {
			d.vertices[v].pos = pos
		}
	}
}

func (d *diagram) copyLayers() [][]int {
	layers := make([][]int, len(d.layers))
	for i := range layers {
		layers[i] = slices.Clone(d.layers[i])
	}
	return layers
}

func (d *diagram) sweep(rightwards bool) {
	mean := make([]float64, len(d.vertices))
	for i := range d.layers {
		layer := d.layers[i]
		if !rightwards {
			layer = d.layers[len(d.layers)-1-i]
		}
		for _, v := range layer {
			mean[v] = d.mean(v, rightwards)
		}
		slices.SortStableFunc(layer, func(a, b int) int { return cmp.Compare(mean[a], mean[b]) })
		for pos, v := range layer {
			d.vertices[v].pos = pos
		}
	}
}

// mean is the mean place of the neighbours of v on one side, and its own place
// where it has none.
func (d *diagram) mean(v int, left bool) float64 {
	hops := d.vertices[v].right
	if left {
		hops = d.vertices[v].left
	}
	if len(hops) == 0 {
		return float64(d.vertices[v].pos)
	}
	sum := 0
	for _, h := range hops {
		if left {
			sum += d.vertices[d.hops[h].left].pos
		} else {
			sum += d.vertices[d.hops[h].right].pos
		}
	}
	return float64(sum) / float64(len(hops))
}
