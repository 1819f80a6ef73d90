package sketch

import "strings"

// sheet is a diagram drawn from left to right.
type sheet struct {
	*diagram
	captions map[int]caption // of each link
	starts   []int           // first column of each layer
	widths   []int           // of the boxes of each layer
	width    int             // of the page
}

func newSheet(d *diagram, f form) *sheet {
	s := &sheet{diagram: d, captions: map[int]caption{}}
	for _, r := range d.routes {
		s.captions[r.link] = f.caption(d.net.links[r.link].Edge, r.start, r.end)
	}
	s.placeColumns()
	d.place(metrics{
		node: func(node int) int { return 2 + len(boxLines(d.net.nodes[node])) },
		link: func(link int) (above, below int) { return 0, 1 + len(s.captions[link].lines) },
		pad:  1,
	})
	return s
}

// placeColumns places the layers beside each other, with room for the captions
// of the links between them.
func (s *sheet) placeColumns() {
	x := 0
	for i, layer := range s.layers {
		s.starts = append(s.starts, x)
		s.widths = append(s.widths, 0)
		for _, v := range layer {
			if node := s.vertices[v].node; node >= 0 {
				s.widths[i] = max(s.widths[i], widest(boxLines(s.net.nodes[node])...)+4)
			}
		}
		s.width = x + s.widths[i]
		x = s.width
		for _, r := range s.routes {
			if first, last := s.span(r); last == i+1 {
				x = max(x, s.starts[first]+s.widths[first]+s.captions[r.link].width())
			}
		}
	}
}

func (s *sheet) size() size { return size{s.width, s.height} }

func (s *sheet) draw(page *canvas, at point, st style) {
	p := pen{s.diagram, page, at, st}
	for _, v := range s.vertices {
		if v.node >= 0 {
			p.box(v.node, s.starts[v.layer], v.top, size{s.widths[v.layer], v.bottom - v.top})
		}
	}
	for _, r := range s.routes {
		s.drawLink(p, r)
	}
}

// drawLink draws a link, with what stands on it and below it.
func (s *sheet) drawLink(p pen, r route) {
	first, last := s.span(r)
	x, y := s.starts[first]+s.widths[first], s.hops[r.hops[0]].y[0]
	room := s.starts[last] - x
	c := s.captions[r.link]
	line := p.line
	if s.net.links[r.link].Down {
		line = p.downLine
	}
	p.put(x, y, string([]rune(strings.Repeat(line, room))[:room]))
	p.put(x-1, y, p.boxStyle(s.nodeAt(r, 0)).right)
	p.put(x+room, y, p.boxStyle(s.nodeAt(r, 1)).left)
	if c.line != "" {
		p.put(x+(room-columns(c.line)-2)/2, y, " "+c.line+" ")
	}
	for i, l := range c.lines {
		p.put(x+1, y+1+i, l.left)
		p.put(x+(room-columns(l.middle))/2, y+1+i, l.middle)
		p.put(x+room-1-columns(l.right), y+1+i, l.right)
	}
}
