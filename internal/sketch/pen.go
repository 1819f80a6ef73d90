package sketch

import "strings"

// boxStyle is the lines of a box: its corners from the top left clockwise, its
// lines, and where links leave it at each side.
type boxStyle struct{ corners, across, upright, left, right, top, bottom string }

// style is the characters of a drawing.
type style struct {
	boxes        []boxStyle // by kind; the last one for all others
	line, upLine string
	downLine     string // what a link that is down is made of, over and over
	downUpLine   string
}

var asciiStyle = style{
	boxes: []boxStyle{{"++++", "-", "|", "+", "+", "+", "+"}},
	line:  "-", upLine: "|", downLine: "- ", downUpLine: ":",
}

var unicodeStyle = style{
	boxes: []boxStyle{
		Host:      {"┌┐┘└", "─", "│", "┤", "├", "┴", "┬"},
		Router:    {"╭╮╯╰", "─", "│", "┤", "├", "┴", "┬"},
		Switch:    {"╔╗╝╚", "═", "║", "╢", "╟", "╧", "╤"},
		Middlebox: {"┏┓┛┗", "━", "┃", "┨", "┠", "┷", "┯"},
	},
	line: "─", upLine: "│", downLine: "╌", downUpLine: "╎",
}

// pen draws a diagram at a place of the page.
type pen struct {
	*diagram
	page *canvas
	at   point
	style
}

func (p pen) put(x, y int, s string) { p.page.put(p.at.x+x, p.at.y+y, s) }

func (p pen) putLines(x, y int, lines []string) {
	for i, line := range lines {
		p.put(x, y+i, line)
	}
}

func (p pen) boxStyle(node int) boxStyle {
	kind := p.net.nodes[node].Kind
	if kind < 0 || int(kind) >= len(p.boxes) {
		return p.boxes[len(p.boxes)-1]
	}
	return p.boxes[kind]
}

// box draws a node, its name in the middle.
func (p pen) box(node, x, y int, s size) {
	b := p.boxStyle(node)
	corners := []rune(b.corners)
	across := strings.Repeat(b.across, s.width-2)
	p.put(x, y, string(corners[0])+across+string(corners[1]))
	for i := 1; i < s.height-1; i++ {
		p.put(x, y+i, b.upright+strings.Repeat(" ", s.width-2)+b.upright)
	}
	p.put(x, y+s.height-1, string(corners[3])+across+string(corners[2]))
	lines := boxLines(p.net.nodes[node])
	for i, line := range lines {
		p.put(x+(s.width-columns(line))/2, y+(s.height-len(lines))/2+i, line)
	}
}

// boxLines is what stands in a box.
func boxLines(n Node) []string {
	if n.Kind == Host {
		return []string{n.Name}
	}
	return []string{n.Name, "(" + n.Kind.String() + ")"}
}
