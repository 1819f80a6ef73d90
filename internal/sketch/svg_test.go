package sketch_test

import (
	"bytes"
	"fmt"
	"image"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"allroads/internal/sketch"
)

// check holds a drawing to what makes it readable.
func check(t rapid.TB, g sketch.Graph, svg []byte) {
	t.Helper()
	d := parseSVG(t, svg)
	var width, height int
	if _, err := fmt.Sscanf(d.ViewBox, "0 0 %d %d", &width, &height); err != nil {
		t.Fatalf("viewBox %q: %v", d.ViewBox, err)
	}
	page := image.Rect(0, 0, width, height)
	var boxes, labels, lines []image.Rectangle
	byName := map[string]image.Rectangle{}
	for _, group := range d.Groups {
		for _, b := range group.Boxes {
			boxes = append(boxes, b.rectangle())
			byName[group.Texts[0].Text] = b.rectangle()
		}
		for _, text := range group.Texts {
			r := text.rectangle()
			if len(group.Boxes) == 0 {
				labels = append(labels, r)
			} else if !r.In(group.Boxes[0].rectangle()) {
				t.Fatalf("%q %v is not inside its box %v", text.Text, r, group.Boxes[0])
			}
		}
		for _, p := range group.Paths {
			list, _, _ := stretches(t, p.D)
			lines = append(lines, list...)
		}
	}
	inside(t, page, boxes, labels, lines)
	apart(t, "box and box", boxes, nil)
	apart(t, "label and label", labels, nil)
	apart(t, "box and label", boxes, labels)
	apart(t, "line and label", lines, labels)
	checkEnds(t, g, d, byName)
}

func inside(t rapid.TB, page image.Rectangle, lists ...[]image.Rectangle) {
	t.Helper()
	for _, list := range lists {
		for _, r := range list {
			if !r.In(page) {
				t.Fatalf("%v is not on the page %v", r, page)
			}
		}
	}
}

// apart fails when two of a list overlap, or one of a list and one of others.
func apart(t rapid.TB, what string, list, others []image.Rectangle) {
	t.Helper()
	for i, a := range list {
		with := others
		if with == nil {
			with = list[i+1:]
		}
		for _, b := range with {
			if a.Overlaps(b) {
				t.Fatalf("%s overlap: %v, %v", what, a, b)
			}
		}
	}
}

// checkEnds finds for each edge the line from the side of one of its nodes' boxes
// to a side of the other's.
func checkEnds(t rapid.TB, g sketch.Graph, d document, boxes map[string]image.Rectangle) {
	t.Helper()
	links := map[string]group{}
	for _, group := range d.Groups {
		if len(group.Paths) == 1 {
			links[strings.TrimSuffix(strings.Fields(group.Title)[0], ":")] = group
		}
	}
	for _, e := range g.Edges {
		link, ok := links[strings.Fields(sketch.Clean(e.Name))[0]]
		if !ok {
			t.Fatalf("link %q is not drawn", e.Name)
		}
		_, first, last := stretches(t, link.Paths[0].D)
		a, b := boxes[sketch.Clean(e.A.Node)], boxes[sketch.Clean(e.B.Node)]
		if !(touches(a, first) && touches(b, last)) && !(touches(a, last) && touches(b, first)) {
			t.Fatalf("link %q goes from %v to %v, not from %v to %v", e.Name, first, last, a, b)
		}
		checkPort(t, link, a, e.A)
		checkPort(t, link, b, e.B)
		if down := strings.Contains(link.Class, "down"); down != e.Down {
			t.Fatalf("link %q is drawn as %q, down is %t", e.Name, link.Class, e.Down)
		}
	}
	if len(boxes) != len(g.Nodes) || len(links) != len(g.Edges) {
		t.Fatalf("%d boxes and %d lines for %d nodes and %d edges", len(boxes), len(links), len(g.Nodes), len(g.Edges))
	}
}

// checkPort finds the interface and the addresses of a port at its node's box.
func checkPort(t rapid.TB, link group, box image.Rectangle, p sketch.Port) {
	t.Helper()
	near := box.Inset(-10)
	for _, want := range append([]string{p.Interface}, p.Addresses...) {
		found := sketch.Clean(want) == ""
		for _, text := range link.Texts {
			found = found || text.Text == sketch.Clean(want) && image.Pt(text.X, text.Y).In(near)
		}
		if !found {
			t.Fatalf("%q is not near %v in %+v", want, box, link.Texts)
		}
	}
}

// touches is whether p is on the left or right side of a box.
func touches(box image.Rectangle, p image.Point) bool {
	return (p.X == box.Min.X || p.X == box.Max.X) && p.Y > box.Min.Y && p.Y < box.Max.Y
}

func TestSVGIsClear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t)
		svg := g.SVG()
		if !bytes.Equal(svg, g.SVG()) {
			t.Fatal("drawn twice, it differs")
		}
		check(t, g, svg)
	})
}

// TestSVGSaysAll: as text that can be read, and in its description.
func TestSVGSaysAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := anyGraph(t)
		d := parseSVG(t, g.SVG())
		drawn := d.Title
		for _, group := range d.Groups {
			for _, text := range group.Texts {
				drawn += "\n" + text.Text
			}
		}
		said := d.Title + "\n" + d.Desc
		for _, s := range texts(g) {
			if !strings.Contains(drawn, s) || !strings.Contains(said, s) {
				t.Fatalf("%q is missing in %q or in %q", s, drawn, said)
			}
		}
	})
}

// TestSVGStraight: most links of a tangled graph are straight lines all the same,
// and all are where none needs to cross.
func TestSVGStraight(t *testing.T) {
	for name, want := range map[string]int{"two-paths": 2, "tied-routers": 5, "wheel": 10, "mesh": 14} {
		g, straight := topologies[name], 0
		for _, group := range parseSVG(t, g.SVG()).Groups {
			for _, p := range group.Paths {
				if !strings.Contains(p.D, "C") {
					straight++
				}
			}
		}
		if straight != want {
			t.Errorf("%s: %d of %d links are straight, want %d", name, straight, len(g.Edges), want)
		}
	}
}

// TestSVGTopologies: of the topologies with a name for each link, none overlaps.
func TestSVGTopologies(t *testing.T) {
	for name, g := range topologies {
		if name == "strange" { // has a link without a name
			continue
		}
		t.Run(name, func(t *testing.T) { check(t, g, g.SVG()) })
	}
}

// TestSVGStandsAlone: nothing is fetched to show it.
func TestSVGStandsAlone(t *testing.T) {
	for name, g := range topologies {
		svg := string(g.SVG())
		for _, reference := range []string{"href", "url(", "@import", "<script", "<image", "<!DOCTYPE"} {
			if strings.Contains(svg, reference) {
				t.Errorf("%s has %s", name, reference)
			}
		}
		if !strings.Contains(svg, "prefers-color-scheme: dark") {
			t.Errorf("%s has no colours for dark pages", name)
		}
	}
}
