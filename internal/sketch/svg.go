package sketch

import (
	"bytes"
	_ "embed" // the style
	"encoding/xml"
	"fmt"
)

//go:embed style.css
var styleSheet string

// SVG draws the graph as an SVG 1.1 document that refers to nothing outside
// itself. Nodes stand in layers from left to right, as many links away from the
// first node as it takes that links go rightwards; components stand beside and
// below each other. It has the colours for light and for dark pages, and says the
// whole network in its desc element. A unit is a pixel.
func (g *Graph) SVG() []byte {
	n := newNetwork(g)
	var figures []*figure
	var sizes []size
	parts, distance := n.components()
	for _, part := range parts {
		f := newFigure(newDiagram(n, part, distance))
		figures = append(figures, f)
		sizes = append(sizes, size{f.width, f.height})
	}
	places := arrange(sizes, pageWidth, partGap, partGap)
	page := size{2 * margin, 2 * margin}
	for i, at := range places {
		page.width = max(page.width, at.x+sizes[i].width+2*margin)
		page.height = max(page.height, at.y+sizes[i].height+2*margin)
	}
	p := &svgPen{}
	p.begin(n, page)
	for i, at := range places {
		p.figure, p.at = figures[i], point{margin + at.x, margin + at.y}
		p.draw()
	}
	p.out.WriteString("</svg>\n")
	return p.out.Bytes()
}

// svgPen writes figures at their places of the page.
type svgPen struct {
	*figure
	at  point
	out bytes.Buffer
}

func (p *svgPen) begin(n *network, page size) {
	name := n.name
	if name == "" {
		name = "network"
	}
	fmt.Fprintf(&p.out, `<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" version="1.1" class="sketch" role="img" aria-labelledby="sketch-title sketch-desc" width="%d" height="%d" viewBox="0 0 %d %d">
<title id="sketch-title">%s</title>
<desc id="sketch-desc">%s</desc>
<style type="text/css">
%s</style>
<rect class="paper" width="%d" height="%d"/>
`, page.width, page.height, page.width, page.height, escape(name), escape(n.names()), styleSheet, page.width, page.height)
}

// escape is s as it may stand in an element or an attribute.
func escape(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.String()
}

func (p *svgPen) draw() {
	for _, r := range p.routes {
		p.beginLink(r.link)
		p.route(r)
		p.out.WriteString("</g>\n")
	}
	for _, l := range p.loops {
		p.beginLink(l.link)
		p.loop(l)
		p.out.WriteString("</g>\n")
	}
	for i := range p.vertices {
		if p.vertices[i].node >= 0 {
			p.box(&p.vertices[i])
		}
	}
}

// text writes one line of text. Its y is the base line.
func (p *svgPen) text(class string, x, y int, s string) {
	if s != "" {
		fmt.Fprintf(&p.out, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, p.at.x+x, p.at.y+y, escape(s))
	}
}

// corners are the radii of the boxes' corners by kind.
var corners = [...]int{Host: 8, Router: 24, Switch: 2, Middlebox: 8}

func (p *svgPen) box(v *vertex) {
	n, l := p.net.nodes[v.node], p.lanes[v.layer]
	class, radius := "other", 8
	if n.Kind >= 0 && int(n.Kind) < len(corners) {
		class, radius = n.Kind.String(), corners[n.Kind]
	}
	fmt.Fprintf(&p.out, `<g class="node %s"><title>%s</title>`+"\n", class, escape(n.Name+" ("+n.Kind.String()+")"))
	fmt.Fprintf(&p.out, `<rect x="%d" y="%d" width="%d" height="%d" rx="%d"/>`+"\n",
		p.at.x+l.x, p.at.y+v.top, l.width, v.bottom-v.top, radius)
	x, y := l.x+l.width/2, (v.top+v.bottom)/2+5
	if n.Kind == Host {
		p.text("label", x, y, n.Name)
	} else {
		p.text("label", x, y-7, n.Name)
		p.text("kind", x, y+10, n.Kind.String())
	}
	p.out.WriteString("</g>\n")
}
