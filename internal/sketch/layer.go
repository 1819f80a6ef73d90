package sketch

import "cmp"

// diagram is one component of a network in layers, after the method of Sugiyama,
// Tagawa and Toda (1981).
type diagram struct {
	net      *network
	vertices []vertex
	layers   [][]int // vertices from top to bottom
	hops     []hop
	channels [][]int // the hops from layer i to layer i+1, from top to bottom
	routes   []route
	loops    []loop
	height   int
}

// vertex is a node, or the place where a link passes a layer.
type vertex struct {
	node        int // -1: a link passes
	layer, pos  int
	top, bottom int   // bottom is the first unit below the box
	left, right []int // hops, from top to bottom
	loops       []int
}

// hop is a link's way from one layer to the next.
type hop struct {
	link        int
	left, right int // vertices
	straight    bool
	y           [2]int // at the left and at the right
}

// route is the way of a link from left to right.
type route struct {
	link       int
	hops       []int
	start, end Port
}

// loop is a link between two nodes of one layer. It leaves and ends at their
// right sides.
type loop struct {
	link         int
	upper, lower int // vertices
	y            [2]int
}

// bendsPerLink bounds the places where links pass layers, so that the time is
// linear in the number of links. Beyond it links inside a layer become loops.
const bendsPerLink = 4

func newDiagram(n *network, part, distance []int) *diagram {
	depth := deepen(n, part)
	if bends, links := passed(n, part, depth); bends > bendsPerLink*links {
		depth = distance
	}
	d := &diagram{net: n}
	at := map[int]int{}
	for _, node := range part {
		at[node] = d.addVertex(node, depth[node])
	}
	done := map[int]bool{}
	for _, node := range part {
		for _, l := range n.at[node] {
			if !done[l] {
				done[l] = true
				d.addLink(l, at)
			}
		}
	}
	d.channels = make([][]int, len(d.layers)-1)
	d.order()
	return d
}

// deepen is the layer of each node, so that no link is inside a layer. The part
// is nearest first, and so no link between two layers goes backwards.
func deepen(n *network, part []int) []int {
	depth := make([]int, len(n.nodes))
	rank := make([]int, len(n.nodes))
	for i, node := range part {
		rank[node] = i
	}
	for _, node := range part {
		for _, l := range n.at[node] {
			if far := n.links[l].far(node); rank[far] > rank[node] {
				depth[far] = max(depth[far], depth[node]+1)
			}
		}
	}
	return depth
}

// passed counts the layers that links have to pass, and the links.
func passed(n *network, part, depth []int) (bends, links int) {
	for _, node := range part {
		for _, l := range n.at[node] {
			if span := depth[n.links[l].far(node)] - depth[node]; span > 0 {
				bends += span - 1
				links++
			}
		}
	}
	return bends, links
}

func (d *diagram) addVertex(node, layer int) int {
	for len(d.layers) <= layer {
		d.layers = append(d.layers, nil)
	}
	v := len(d.vertices)
	d.vertices = append(d.vertices, vertex{node: node, layer: layer})
	d.layers[layer] = append(d.layers[layer], v)
	return v
}

func (d *diagram) addLink(l int, at map[int]int) {
	edge := &d.net.links[l]
	from, to, start, end := at[edge.a], at[edge.b], edge.A, edge.B
	switch cmp.Compare(d.vertices[from].layer, d.vertices[to].layer) {
	case 0:
		d.loops = append(d.loops, loop{link: l, upper: from, lower: to})
		return
	case 1:
		from, to, start, end = to, from, end, start
	}
	r := route{link: l, start: start, end: end}
	for layer := d.vertices[from].layer + 1; layer < d.vertices[to].layer; layer++ {
		bend := d.addVertex(-1, layer)
		r.hops = append(r.hops, d.addHop(l, from, bend))
		from = bend
	}
	r.hops = append(r.hops, d.addHop(l, from, to))
	d.routes = append(d.routes, r)
}

func (d *diagram) addHop(l, left, right int) int {
	h := len(d.hops)
	d.hops = append(d.hops, hop{link: l, left: left, right: right})
	d.vertices[left].right = append(d.vertices[left].right, h)
	d.vertices[right].left = append(d.vertices[right].left, h)
	return h
}

// span is the layers that a link goes from and to.
func (d *diagram) span(r route) (first, last int) {
	first = d.vertices[d.hops[r.hops[0]].left].layer
	return first, first + len(r.hops)
}

// nodeAt is the node where a link begins (0) or ends (1).
func (d *diagram) nodeAt(r route, end int) int {
	if end == 0 {
		return d.vertices[d.hops[r.hops[0]].left].node
	}
	return d.vertices[d.hops[r.hops[len(r.hops)-1]].right].node
}
