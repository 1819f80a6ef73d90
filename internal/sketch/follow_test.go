package sketch_test

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"allroads/internal/sketch"
)

// page is a drawing as a grid of runes, all of which take one column.
type page [][]rune

func (p page) at(x, y int) rune {
	if y < 0 || y >= len(p) || x < 0 || x >= len(p[y]) {
		return ' '
	}
	return p[y][x]
}

func readPage(drawn string) (p page) {
	for line := range strings.Lines(drawn) {
		p = append(p, []rune(strings.TrimSuffix(line, "\n")))
	}
	return p
}

// findBoxes finds the boxes by their corners, and reads the names in them.
func (p page) findBoxes() map[string]image.Rectangle {
	boxes := map[string]image.Rectangle{}
	for y, row := range p {
		for x, r := range row {
			if !strings.ContainsRune("┌╭╔┏", r) {
				continue
			}
			right, bottom := x, y
			for !strings.ContainsRune("┐╮╗┓", p.at(right, y)) {
				right++
			}
			for !strings.ContainsRune("└╰╚┗", p.at(x, bottom)) {
				bottom++
			}
			for inner := y + 1; inner < bottom; inner++ {
				if name := strings.TrimSpace(string(p[inner][x+1 : right])); name != "" {
					boxes[name] = image.Rect(x, y, right+1, bottom+1)
					break
				}
			}
		}
	}
	return boxes
}

// follow goes from a place along a line, and says where it meets a box.
func (p page) follow(x, y, dx, dy int) image.Point {
	for strings.ContainsRune("─╌│╎", p.at(x, y)) {
		x, y = x+dx, y+dy
	}
	return image.Pt(x, y)
}

// ends finds the name of a link, and follows its line both ways.
func (p page) ends(t rapid.TB, name string) (a, b image.Point) {
	t.Helper()
	for y, row := range p {
		at := strings.Index(string(row), " "+name+" ")
		if at < 0 {
			continue
		}
		x := len([]rune(string(row)[:at]))
		return p.follow(x-1, y, -1, 0), p.follow(x+len([]rune(name))+2, y, 1, 0)
	}
	t.Fatalf("link %q is not in the drawing", name)
	return a, b
}

// TestTextJoins follows the lines of drawings: each joins the boxes that it should.
func TestTextJoins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyPlainTree(t)
		drawn := g.Text(0, true)
		p := readPage(drawn)
		boxes := p.findBoxes()
		for _, e := range g.Edges {
			left, right := p.ends(t, e.Name)
			a, b := boxes[e.A.Node], boxes[e.B.Node]
			if !(left.In(a) && right.In(b)) && !(left.In(b) && right.In(a)) {
				t.Fatalf("%s goes from %v to %v, not from %s to %s:\n%s", e.Name, left, right, e.A.Node, e.B.Node, drawn)
			}
			if !strings.ContainsRune("├╟┠", p.at(left.X, left.Y)) || !strings.ContainsRune("┤╢┨", p.at(right.X, right.Y)) {
				t.Fatalf("%s does not meet its boxes:\n%s", e.Name, drawn)
			}
		}
	})
}

// anyPlainTree makes trees with parallel links.
func anyPlainTree(t *rapid.T) (g sketch.Graph) {
	for i := range rapid.IntRange(2, 10).Draw(t, "nodes") {
		name := fmt.Sprintf("node%d", i)
		g.Nodes = append(g.Nodes, sketch.Node{Name: name, Kind: sketch.Kind(rapid.IntRange(0, 3).Draw(t, "kind"))})
		if i == 0 {
			continue
		}
		to := g.Nodes[rapid.IntRange(0, i-1).Draw(t, "to")].Name
		for range rapid.IntRange(1, 3).Draw(t, "links") {
			ports := []sketch.Port{{Node: name, Interface: "here"}, {Node: to, Addresses: []string{"10.0.0.1/24"}}}
			turn := rapid.IntRange(0, 1).Draw(t, "turn")
			g.Edges = append(g.Edges, sketch.Edge{Name: fmt.Sprintf("link%d", len(g.Edges)), A: ports[turn], B: ports[1-turn]})
		}
	}
	return g
}
