package sketch

// metrics are the sizes that a layout goes by, in rows of text or in pixels.
type metrics struct {
	node         func(node int) int                // least height of a box
	link         func(link int) (above, below int) // what is written about its line
	pad          int                               // from a box's edge to its first and last link
	gap, linkGap int                               // between boxes, between links
}

// placing is the work of giving each box and hop its height on the page.
type placing struct {
	*diagram
	metrics
	rows
	edges [][2]int // top and bottom of each vertex
	ends  [][2]int // of each hop
	turns [][2]int // of each loop
	ports [][]port // of each vertex
}

// port is where a link leaves a box.
type port struct{ link, row int }

// place lays the diagram out from top to bottom. The rows have a solution: boxes
// and straight hops do not cross each other, and of such things none can be above
// itself. The hops that are not straight only hang on to their boxes.
func (d *diagram) place(m metrics) {
	p := &placing{
		diagram: d, metrics: m,
		edges: make([][2]int, len(d.vertices)),
		ends:  make([][2]int, len(d.hops)),
		turns: make([][2]int, len(d.loops)),
		ports: make([][]port, len(d.vertices)),
	}
	first, last := p.add(), p.add()
	p.addRows()
	for _, layer := range d.layers {
		p.stack(layer, first, last)
	}
	place := p.settle()
	d.height = place[last]
	p.take(place)
}

// addRows makes the rows. A straight hop has one for both its ends.
func (p *placing) addRows() {
	for _, channel := range p.channels {
		for _, h := range channel {
			hop := &p.hops[h]
			left := p.edges[hop.left][0]
			if p.vertices[hop.left].node >= 0 {
				left = p.add()
			}
			right := left
			if !hop.straight {
				right = p.add()
			}
			p.ends[h] = [2]int{left, right}
			if p.vertices[hop.right].node < 0 {
				p.edges[hop.right] = [2]int{right, right}
			}
		}
	}
	for v := range p.vertices {
		if p.vertices[v].node >= 0 {
			p.edges[v] = [2]int{p.add(), p.add()}
		}
	}
	for i := range p.loops {
		p.turns[i] = [2]int{p.add(), p.add()}
	}
}

// stack puts the vertices of a layer below each other.
func (p *placing) stack(layer []int, first, last int) {
	upper, by := first, 0
	for i, v := range layer {
		if i > 0 {
			by += p.gap
		}
		if p.vertices[v].node < 0 {
			above, below := p.link(p.hops[p.vertices[v].left[0]].link)
			p.keep(upper, p.edges[v][0], by+above)
			upper, by = p.edges[v][0], below
			continue
		}
		top, bottom := p.edges[v][0], p.edges[v][1]
		p.keep(upper, top, by)
		p.keep(top, bottom, p.metrics.node(p.vertices[v].node))
		p.hang(v)
		upper, by = bottom, 0
	}
	p.keep(upper, last, by)
}

// hang puts the links of a node below each other, on both its sides.
func (p *placing) hang(v int) {
	var left, right, lower []port
	for _, h := range p.vertices[v].left {
		left = append(left, port{p.hops[h].link, p.ends[h][1]})
	}
	for _, l := range p.vertices[v].loops {
		begin, end := port{p.loops[l].link, p.turns[l][0]}, port{p.loops[l].link, p.turns[l][1]}
		switch {
		case p.loops[l].upper == p.loops[l].lower:
			lower = append(lower, begin, end)
		case p.loops[l].upper == v:
			lower = append(lower, begin)
		default:
			right = append(right, end)
		}
	}
	for _, h := range p.vertices[v].right {
		right = append(right, port{p.hops[h].link, p.ends[h][0]})
	}
	right = append(right, lower...)
	p.hangSide(v, left)
	p.hangSide(v, right)
	p.ports[v] = append(left, right...)
}

func (p *placing) hangSide(v int, ports []port) {
	upper, by := p.edges[v][0], p.pad
	for _, port := range ports {
		above, below := p.link(port.link)
		p.keep(upper, port.row, by+above)
		upper, by = port.row, below+p.linkGap
	}
	if len(ports) > 0 {
		p.keep(upper, p.edges[v][1], by-p.linkGap+p.pad)
	}
}

// take writes the places into the diagram.
func (p *placing) take(place []int) {
	for i := range p.hops {
		p.hops[i].y = [2]int{place[p.ends[i][0]], place[p.ends[i][1]]}
	}
	for i := range p.loops {
		p.loops[i].y = [2]int{place[p.turns[i][0]], place[p.turns[i][1]]}
	}
	for i := range p.vertices {
		v := &p.vertices[i]
		v.top, v.bottom = place[p.edges[i][0]], place[p.edges[i][1]]
		if len(p.ports[i]) > 0 {
			p.shrink(i, place)
		}
	}
}

// shrink makes the box of v no taller than its links and its name need.
func (p *placing) shrink(i int, place []int) {
	v := &p.vertices[i]
	top, bottom := v.bottom, v.top
	for _, port := range p.ports[i] {
		above, below := p.link(port.link)
		top = min(top, place[port.row]-above-p.pad)
		bottom = max(bottom, place[port.row]+below+p.pad)
	}
	if short := p.metrics.node(v.node) - (bottom - top); short > 0 {
		top = max(v.top, top-short/2)
		bottom = min(v.bottom, top+p.metrics.node(v.node))
		top = bottom - p.metrics.node(v.node)
	}
	v.top, v.bottom = top, bottom
}
