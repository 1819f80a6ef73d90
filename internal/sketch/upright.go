package sketch

// upright is a diagram drawn from top to bottom, for pages that are too narrow
// for one from left to right. What the layout calls rows are columns here.
type upright struct {
	*diagram
	captions map[int]uprightCaption // of each link
	starts   []int                  // first row of each layer
	heights  []int                  // of the boxes of each layer
	height   int                    // of the page; the diagram's own height is its width
}

// uprightCaption stands at the right of a link's line, from top to bottom.
type uprightCaption struct{ start, title, end []string }

func (f form) upright(e Edge, start, end Port) (c uprightCaption) {
	if f == wideForm {
		return uprightCaption{nonEmpty(onLine(start, false)), nonEmpty(title(e)), nonEmpty(onLine(end, false))}
	}
	c.start, c.title = portLines(start), append(nonEmpty(e.Name), e.Notes...)
	c.end = append(append(c.end, end.Addresses...), nonEmpty(end.Interface)...)
	return c
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func newUpright(d *diagram, f form) *upright {
	u := &upright{diagram: d, captions: map[int]uprightCaption{}}
	for _, r := range d.routes {
		u.captions[r.link] = f.upright(d.net.links[r.link].Edge, r.start, r.end)
	}
	d.place(metrics{
		node: func(node int) int { return 4 + widest(boxLines(d.net.nodes[node])...) },
		link: func(link int) (above, below int) {
			c := u.captions[link]
			return 0, 3 + max(widest(c.start...), widest(c.title...), widest(c.end...))
		},
		pad: 2, gap: 2,
	})
	u.placeRows()
	return u
}

// placeRows places the layers below each other.
func (u *upright) placeRows() {
	y := 0
	for i, layer := range u.layers {
		u.starts = append(u.starts, y)
		u.heights = append(u.heights, 0)
		for _, v := range layer {
			if node := u.vertices[v].node; node >= 0 {
				u.heights[i] = max(u.heights[i], 2+len(boxLines(u.net.nodes[node])))
			}
		}
		u.height = y + u.heights[i]
		y = u.height + u.room(i)
	}
}

// room is the number of rows between a layer and the next.
func (u *upright) room(layer int) (rows int) {
	for _, r := range u.routes {
		first, last := u.span(r)
		c, need := u.captions[r.link], 2
		if first == layer {
			need += len(c.start) + len(c.title)
		}
		if last == layer+1 {
			need += len(c.end)
		}
		if first <= layer && layer < last {
			rows = max(rows, need)
		}
	}
	return rows
}

func (u *upright) size() size { return size{u.diagram.height, u.height} }

func (u *upright) draw(page *canvas, at point, s style) {
	p := pen{u.diagram, page, at, s}
	for _, layer := range u.layers {
		for _, v := range layer {
			if v := &u.vertices[v]; v.node >= 0 {
				p.box(v.node, v.top, u.starts[v.layer], size{v.bottom - v.top, u.heights[v.layer]})
			}
		}
	}
	for _, r := range u.routes {
		u.drawLink(p, r)
	}
}

func (u *upright) drawLink(p pen, r route) {
	first, last := u.span(r)
	x := u.hops[r.hops[0]].y[0]
	top, bottom := u.starts[first]+u.heights[first], u.starts[last]
	line := p.upLine
	if u.net.links[r.link].Down {
		line = p.downUpLine
	}
	for y := top; y < bottom; y++ {
		p.put(x, y, line)
	}
	p.put(x, top-1, p.boxStyle(u.nodeAt(r, 0)).bottom)
	p.put(x, bottom, p.boxStyle(u.nodeAt(r, 1)).top)
	c := u.captions[r.link]
	free := u.starts[first+1] - top - len(c.start) - len(c.title)
	if last == first+1 {
		free -= len(c.end)
	}
	p.putLines(x+2, top, c.start)
	p.putLines(x+2, top+len(c.start)+free/2, c.title)
	p.putLines(x+2, bottom-len(c.end), c.end)
}
