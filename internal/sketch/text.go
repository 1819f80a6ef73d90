package sketch

import "strings"

// maxDrawn is how many nodes, and how many links, a drawing in text may have.
// What has more is easier to read as a list.
const maxDrawn = 32

// freeWidth is where drawings of several components are wrapped when there is no
// limit to the width.
const freeWidth = 100

// Text draws the graph in at most width columns, 0 for no limit, each line ended
// by a newline: from left to right if that fits, else from top to bottom. A graph
// that fits neither way, whose links cross, with a link from a node to itself, or
// with more than 32 nodes or links is written as a list instead: each node with its
// links, their interfaces, addresses and notes, and their far ends. The boxes are
// made of ASCII, or of Unicode's box drawing characters; names and notes are as
// given.
//
// A list keeps to a width of 40 or more as long as no word in it (a name, an
// address, a word of a note) is wider than width less 10 columns: words are not
// broken.
func (g *Graph) Text(width int, unicode bool) string {
	n := newNetwork(g)
	if len(n.nodes) <= maxDrawn && len(n.links) <= maxDrawn {
		if drawing, ok := n.draw(width, unicode); ok {
			return n.heading(width) + drawing
		}
	}
	return n.heading(width) + n.list(width, unicode)
}

func (n *network) heading(width int) string {
	if n.name == "" {
		return ""
	}
	var b strings.Builder
	wrap(&b, width, "", words(n.name))
	if len(n.nodes) > 0 {
		b.WriteByte('\n')
	}
	return b.String()
}

// drawing is a component in one of its forms.
type drawing interface {
	size() size
	draw(page *canvas, at point, s style)
}

// layouts are the forms of a drawing, the best first.
var layouts = []func(d *diagram) drawing{
	func(d *diagram) drawing { return newSheet(d, wideForm) },
	func(d *diagram) drawing { return newSheet(d, tallForm) },
	func(d *diagram) drawing { return newSheet(d, narrowForm) },
	func(d *diagram) drawing { return newUpright(d, wideForm) },
	func(d *diagram) drawing { return newUpright(d, tallForm) },
}

// draw draws all components, in the first form in which all fit.
func (n *network) draw(width int, unicode bool) (text string, ok bool) {
	parts, distance := n.components()
	var diagrams []*diagram
	for _, part := range parts {
		d := newDiagram(n, part, distance)
		if !d.flat() {
			return "", false
		}
		diagrams = append(diagrams, d)
	}
	for _, layout := range layouts {
		if drawings, sizes := layOut(diagrams, layout); fit(sizes, width) {
			return drawAll(drawings, sizes, width, unicode), true
		}
	}
	return "", false
}

func layOut(diagrams []*diagram, layout func(*diagram) drawing) (drawings []drawing, sizes []size) {
	for _, d := range diagrams {
		one := layout(d)
		drawings, sizes = append(drawings, one), append(sizes, one.size())
	}
	return drawings, sizes
}

func fit(sizes []size, width int) bool {
	for _, s := range sizes {
		if width > 0 && s.width > width {
			return false
		}
	}
	return true
}

// drawAll puts the drawings beside each other as long as they fit, and else below
// each other.
func drawAll(drawings []drawing, sizes []size, width int, unicode bool) string {
	var page canvas
	if width <= 0 {
		width = freeWidth
	}
	style := asciiStyle
	if unicode {
		style = unicodeStyle
	}
	for i, at := range arrange(sizes, width, 3, 1) {
		drawings[i].draw(&page, at, style)
	}
	return page.String()
}
