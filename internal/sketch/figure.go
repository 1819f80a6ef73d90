package sketch

import "strings"

// Sizes in pixels. Text is set in a monospaced font, whose width is known well
// enough without asking it: most are 0.6 em wide, none of the usual ones more.
const (
	labelSize = 12 // font sizes, as in style.css
	nameSize  = 14
	kindSize  = 11

	lineHeight = 15
	boxHeight  = 54
	boxMargin  = 18 // between a name and the sides of its box
	margin     = 24 // around the drawing
	boxGap     = 26 // between boxes of a layer
	labelGap   = 14 // between what stands on a line
	partGap    = 40 // between components

	pageWidth  = 1200 // where components are wrapped
	notesWidth = 32   // columns, where notes are wrapped
	minCurve   = 70   // least and greatest width of the place where links cross
	maxCurve   = 360
)

// textWidth is the width of s in a font of that size.
func textWidth(size int, texts ...string) int {
	return (widest(texts...)*size*61 + 99) / 100
}

// figure is a diagram with the sizes of its SVG. No label is ever crossed: on its
// way between two layers a link is level as long as there is anything to read on
// it, at its own height; only then it turns to the height of its other end.
type figure struct {
	*diagram
	lanes  []lane
	labels map[int]label // of each link
	width  int
}

// lane is a layer, and the room between it and the next.
type lane struct {
	x, width int // of the boxes
	start    int // width of the labels at the left ends of the links
	title    int // and in their middle
	curve    int // of the place where links cross
	end      int // and of the labels at their right ends
}

func (l lane) right() int { return l.x + l.width }
func (l lane) turn() int  { return l.right() + l.start + l.title }
func (l lane) next() int  { return l.turn() + l.curve + l.end }

// label is what stands at a link.
type label struct {
	name       string
	notes      []string // below the name
	start, end Port
}

func newFigure(d *diagram) *figure {
	f := &figure{diagram: d, labels: map[int]label{}, lanes: make([]lane, len(d.layers))}
	for _, r := range d.routes {
		f.addLabel(r.link, r.start, r.end)
	}
	for _, l := range d.loops {
		edge := &d.net.links[l.link]
		start, end := edge.A, edge.B
		if edge.a != d.vertices[l.upper].node {
			start, end = end, start
		}
		f.addLabel(l.link, start, end)
	}
	d.place(metrics{
		node: func(int) int { return boxHeight },
		link: f.labelHeight,
		pad:  5, gap: boxGap, linkGap: 12,
	})
	f.placeLanes()
	return f
}

func (f *figure) addLabel(link int, start, end Port) {
	e := f.net.links[link].Edge
	f.labels[link] = label{e.Name, foldNotes(e.Notes), start, end}
}

// foldNotes sets notes in lines.
func foldNotes(notes []string) (lines []string) {
	for i, note := range notes {
		if i < len(notes)-1 {
			note += ","
		}
		if last := len(lines) - 1; last >= 0 && columns(lines[last]+note) < notesWidth {
			lines[last] += " " + note
			continue
		}
		lines = append(lines, note)
	}
	return lines
}

// labelHeight is the room that a link needs above and below its line.
func (f *figure) labelHeight(link int) (above, below int) {
	l := f.labels[link]
	lines := max(len(l.notes), len(l.start.Addresses), len(l.end.Addresses))
	return lineHeight + 4, lines*lineHeight + 6
}

func portWidth(p Port) int {
	w := textWidth(labelSize, append([]string{p.Interface}, p.Addresses...)...)
	if w > 0 {
		w += labelGap
	}
	return w
}

func (l label) titleWidth() int {
	return textWidth(labelSize, append([]string{l.name}, l.notes...)...) + 2*labelGap
}

// boxWidth is the width of the box of a node.
func boxWidth(n Node) int {
	w := textWidth(nameSize, n.Name)
	if n.Kind != Host {
		w = max(w, textWidth(kindSize, n.Kind.String()))
	}
	return w + 2*boxMargin
}

// placeLanes places the layers beside each other.
func (f *figure) placeLanes() {
	for _, v := range f.vertices {
		if v.node >= 0 {
			l := &f.lanes[v.layer]
			l.width = max(l.width, boxWidth(f.net.nodes[v.node]))
		}
	}
	f.fitLabels()
	f.fitCurves()
	x := 0
	for i := range f.lanes {
		f.lanes[i].x = x
		x = f.lanes[i].next()
	}
	f.width = x
}

func (f *figure) fitLabels() {
	for _, r := range f.routes {
		first, last := f.span(r)
		lb := f.labels[r.link]
		l, middle, end := &f.lanes[first], &f.lanes[f.middle(r)], &f.lanes[last-1]
		l.start = max(l.start, portWidth(lb.start))
		middle.title = max(middle.title, lb.titleWidth())
		end.end = max(end.end, portWidth(lb.end))
	}
	for _, loop := range f.loops {
		lb, l := f.labels[loop.link], &f.lanes[f.vertices[loop.upper].layer]
		l.start = max(l.start, portWidth(lb.start), portWidth(lb.end))
		l.title = max(l.title, lb.titleWidth())
	}
}

// middle is the layer after which the name of a link stands.
func (f *figure) middle(r route) int {
	first, last := f.span(r)
	return (first + last - 1) / 2
}

// fitCurves makes room for the links that are not straight, more for steeper ones.
func (f *figure) fitCurves() {
	widen := func(layer int, y [2]int) {
		l, steep := &f.lanes[layer], max(y[0]-y[1], y[1]-y[0])
		l.curve = max(l.curve, min(maxCurve, max(minCurve, steep/2)))
	}
	for _, h := range f.hops {
		if h.y[0] != h.y[1] {
			widen(f.vertices[h.left].layer, h.y)
		}
	}
	for _, l := range f.loops {
		widen(f.vertices[l.upper].layer, l.y)
	}
}

// names lists what is drawn, for those who cannot see it.
func (n *network) names() string {
	var b strings.Builder
	for i, node := range n.nodes {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(node.Name + " (" + node.Kind.String() + ")")
	}
	for _, l := range n.links {
		b.WriteString("; " + l.describe())
	}
	return b.String()
}

// describe is a link in one line.
func (l *link) describe() string {
	return strings.Join(words(title(l.Edge)+":", l.A.Node, onLine(l.A, false), "to", l.B.Node, onLine(l.B, false)), " ")
}
