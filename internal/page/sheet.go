package page

import (
	_ "embed" // the style
	"fmt"

	"allroads/trace"
)

//go:embed graph.css
var graphStyle string

// sheet is a graph as a document of its own.
type sheet struct {
	conn          *trace.Connection
	width, height int // height 0: as much as it takes
}

func newSheet(c *trace.Connection, s Size) *sheet {
	if s.Width == 0 {
		s.Width = usualWidth
	}
	if s.Height != 0 {
		s.Height = max(s.Height, 200)
	}
	return &sheet{c, max(s.Width, 320), s.Height}
}

// Room around a plot, and for a line of the legend.
const (
	roomLeft, roomRight  = 66, 26
	roomAbove, roomBelow = 40, 34
	titleHeight          = 30
	legendRow            = 20
)

// open begins the document.
func (s *sheet) open(out *pen, title, about string) {
	out.put(`<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" version="1.1" class="graph" role="img" aria-labelledby="graph-title graph-desc" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d">
<title id="graph-title">%[3]v</title>
<desc id="graph-desc">%[4]v</desc>
<style type="text/css">
%[5]v</style>
<rect class="paper" width="100%%" height="100%%"/>
<text class="title" x="12" y="22">%[3]v</text>
`, s.width, s.height, title, about, markup(graphStyle))
}

func (s *sheet) title(what string) string {
	return fmt.Sprintf("%s, connection %d", what, s.conn.ID)
}

// overTime draws a graph with a panel for each direction, below each other.
func (s *sheet) overTime(out *pen, g *graph) {
	var panels []panel
	about := g.about
	for _, d := range directions(s.conn) {
		p := g.panel(s.conn, &d)
		panels = append(panels, p)
		about += "; " + p.words()
	}
	legend := newLegend(panels, s.width-24)
	top := titleHeight + legend.rows*legendRow
	each := panelHeight
	if s.height == 0 {
		s.height = top + len(panels)*(roomAbove+each+roomBelow)
	} else {
		each = max((s.height-top)/len(panels)-roomAbove-roomBelow, 40)
	}
	s.open(out, s.title(g.title), about)
	legend.draw(out, 12, titleHeight+10)
	for i := range panels {
		y := top + i*(roomAbove+each+roomBelow) + roomAbove
		out.put(`<text class="name" x="%d" y="%d">%v</text>`+"\n", roomLeft, y-12, panels[i].direction)
		out.put(`<svg x="%d" y="%d" width="%d" height="%d" overflow="visible">`, roomLeft, y, s.width-roomLeft-roomRight, each)
		panels[i].plot(out)
		out.raw("</svg>\n")
	}
	out.raw("</svg>\n")
}

// words say what a panel shows.
func (p *panel) words() string {
	if p.empty != "" {
		return p.direction + ": " + p.empty
	}
	return p.direction + ": " + p.about
}
