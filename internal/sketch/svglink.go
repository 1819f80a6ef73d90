package sketch

import (
	"fmt"
	"strings"
)

// away is the distance of a label from the end of its line, and of its base line
// from the line.
const away = 6

func (p *svgPen) beginLink(l int) {
	class := "link"
	if p.net.links[l].Down {
		class = "link down"
	}
	fmt.Fprintf(&p.out, `<g class="%s"><title>%s</title>`+"\n", class, escape(p.net.links[l].describe()))
}

// trace is the path of a link.
type trace struct {
	strings.Builder
	at point // of the figure
}

func (t *trace) move(x, y int) { fmt.Fprintf(t, "M%d %d", t.at.x+x, t.at.y+y) }
func (t *trace) level(x int)   { fmt.Fprintf(t, "H%d", t.at.x+x) }
func (t *trace) curve(x1, y1, x2, y2, x3, y3 int) {
	fmt.Fprintf(t, "C%d %d %d %d %d %d", t.at.x+x1, t.at.y+y1, t.at.x+x2, t.at.y+y2, t.at.x+x3, t.at.y+y3)
}

// route draws a link from left to right.
func (p *svgPen) route(r route) {
	first, last := p.span(r)
	t := trace{at: p.at}
	x, y := p.lanes[first].right(), p.hops[r.hops[0]].y[0]
	t.move(x, y)
	for i, h := range r.hops {
		hop, l := p.hops[h], p.lanes[first+i]
		if from, to := l.turn(), l.turn()+l.curve; hop.y[0] != hop.y[1] {
			middle := (from + to) / 2
			t.level(from)
			t.curve(middle, hop.y[0], middle, hop.y[1], to, hop.y[1])
		}
	}
	end, endY := p.lanes[last].x, p.hops[r.hops[len(r.hops)-1]].y[1]
	t.level(end)
	p.line(&t, x, y, end, endY)
	lb := p.labels[r.link]
	p.port("start", x+away, y, lb.start)
	p.port("end", end-away, endY, lb.end)
	p.title(lb, p.lanes[p.middle(r)], p.hops[r.hops[p.middle(r)-first]].y[0])
}

// loop draws a link inside a layer, at the right of it.
func (p *svgPen) loop(l loop) {
	lane := p.lanes[p.vertices[l.upper].layer]
	x, turn, far := lane.right(), lane.turn(), lane.turn()+lane.curve
	t := trace{at: p.at}
	t.move(x, l.y[0])
	t.level(turn)
	t.curve(far, l.y[0], far, l.y[1], turn, l.y[1])
	t.level(x)
	p.line(&t, x, l.y[0], x, l.y[1])
	lb := p.labels[l.link]
	p.port("start", x+away, l.y[0], lb.start)
	p.port("start", x+away, l.y[1], lb.end)
	p.title(lb, lane, l.y[0])
}

// line writes a path with its two ends.
func (p *svgPen) line(t *trace, x1, y1, x2, y2 int) {
	fmt.Fprintf(&p.out, `<path d="%s"/>`+"\n", t.String())
	for _, end := range []point{{x1, y1}, {x2, y2}} {
		fmt.Fprintf(&p.out, `<circle cx="%d" cy="%d" r="3"/>`+"\n", p.at.x+end.x, p.at.y+end.y)
	}
}

// port writes an end's interface above its line, and its addresses below.
func (p *svgPen) port(class string, x, y int, port Port) {
	p.text(class, x, y-away, port.Interface)
	for i, address := range port.Addresses {
		p.text(class, x, y+lineHeight*(i+1), address)
	}
}

// title writes a link's name above its line, and its notes below.
func (p *svgPen) title(lb label, l lane, y int) {
	x := l.right() + l.start + l.title/2
	p.text("middle name", x, y-away, lb.name)
	for i, note := range lb.notes {
		p.text("middle", x, y+lineHeight*(i+1), note)
	}
}
