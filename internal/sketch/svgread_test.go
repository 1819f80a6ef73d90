package sketch_test

import (
	"bytes"
	"encoding/xml"
	"image"
	"regexp"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"allroads/internal/sketch"
)

// document is what a test reads of an SVG.
type document struct {
	ViewBox string   `xml:"viewBox,attr"`
	Title   string   `xml:"title"`
	Desc    string   `xml:"desc"`
	Groups  []group  `xml:"g"`
	Paper   []svgBox `xml:"rect"`
}

type group struct {
	Class string    `xml:"class,attr"`
	Title string    `xml:"title"`
	Boxes []svgBox  `xml:"rect"`
	Texts []svgText `xml:"text"`
	Paths []struct {
		D string `xml:"d,attr"`
	} `xml:"path"`
}

type svgBox struct {
	X      int `xml:"x,attr"`
	Y      int `xml:"y,attr"`
	Width  int `xml:"width,attr"`
	Height int `xml:"height,attr"`
}

func (b svgBox) rectangle() image.Rectangle {
	return image.Rect(b.X, b.Y, b.X+b.Width, b.Y+b.Height)
}

type svgText struct {
	Class string `xml:"class,attr"`
	X     int    `xml:"x,attr"`
	Y     int    `xml:"y,attr"`
	Text  string `xml:",chardata"`
}

// rectangle is where the text is, by the sizes and anchors of style.css.
func (s svgText) rectangle() image.Rectangle {
	size := map[string]int{"label": 14, "kind": 11}[s.Class]
	if size == 0 {
		size = 12
	}
	width := sketch.TextWidth(size, s.Text)
	x := s.X
	switch s.Class {
	case "label", "kind", "middle", "middle name":
		x -= width / 2
	case "end":
		x -= width
	}
	return image.Rect(x, s.Y-size*8/10, x+width, s.Y+size/4)
}

func parseSVG(t rapid.TB, svg []byte) (d document) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	decoder.Strict = true
	if err := decoder.Decode(&d); err != nil {
		t.Fatalf("parse svg: %v\n%s", err, svg)
	}
	return d
}

var pathStep = regexp.MustCompile(`[MHC]|-?[0-9]+`)

// stretches are the parts of a path, each as the rectangle it stays inside, and
// the path's first and last point.
func stretches(t rapid.TB, d string) (list []image.Rectangle, first, last image.Point) {
	t.Helper()
	words := pathStep.FindAllString(d, -1)
	if strings.Join(words, "") != strings.ReplaceAll(d, " ", "") {
		t.Fatalf("not a path of M, H and C: %q", d)
	}
	number := func(i int) int {
		n, err := strconv.Atoi(words[i])
		if err != nil {
			t.Fatalf("%q: %v", d, err)
		}
		return n
	}
	for i := 0; i < len(words); {
		from := last
		switch words[i] {
		case "M":
			first = image.Pt(number(i+1), number(i+2))
			from, last = first, first
			i += 3
		case "H":
			last.X = number(i + 1)
			i += 2
		default:
			last = image.Pt(number(i+5), number(i+6))
			list = append(list, hull(from, image.Pt(number(i+1), number(i+2)), image.Pt(number(i+3), number(i+4)), last))
			i += 7
			continue
		}
		list = append(list, hull(from, last))
	}
	return list, first, last
}

// hull is the smallest rectangle with all points inside, which a Bézier curve of
// these points does not leave.
func hull(points ...image.Point) (r image.Rectangle) {
	for _, p := range points {
		r = r.Union(image.Rectangle{p, p.Add(image.Pt(1, 1))})
	}
	return r
}
