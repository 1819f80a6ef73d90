package summary

import (
	"strings"

	"allroads/internal/sketch"
)

// cell is a text in a column.
type cell struct{ text, color string }

// grid lays out rows in columns that are aligned. A row too wide for the page goes on
// in further lines.
type grid struct {
	indent  int
	heading []string
	right   string // for each column r, or l: where it is aligned
	part    int    // the column that begins the second line, where one is not enough
	near    int    // the column that stands close to the one before
	gap     int    // columns between two
	widths  []int
	lines   []int // the columns that begin lines
}

// measure takes a row's widths into account.
func (g *grid) measure(row []cell) {
	for i, c := range row {
		if i == len(g.widths) {
			g.widths = append(g.widths, sketch.Visible(g.heading[i]))
		}
		g.widths[i] = max(g.widths[i], sketch.Visible(c.text))
	}
}

// continuation is the further indent of lines that go on.
const continuation = 2

// fit finds out how far columns stand apart, and where rows are broken: not at all,
// if they fit.
func (g *grid) fit(width int) {
	g.lines = []int{0}
	for g.gap = 2; g.gap > 0; g.gap-- {
		if width == 0 || g.span(0, len(g.widths)) <= width {
			return
		}
	}
	g.gap = 1
	begin := 0
	for i := range g.widths {
		if i > begin && (i == g.part || g.span(begin, i+1) > width) {
			g.lines = append(g.lines, i)
			begin = i
		}
	}
}

// span is how wide a line of some columns is.
func (g *grid) span(from, to int) int {
	sum := g.indent
	if from > 0 {
		sum += continuation
	}
	for i := from; i < to; i++ {
		if i > from {
			sum += g.before(i)
		}
		sum += g.widths[i]
	}
	return sum
}

// before is how far a column stands from the one before.
func (g *grid) before(i int) int {
	if i == g.near {
		return 1
	}
	return g.gap
}

func (g *grid) writeHeading(p *page) {
	row := make([]cell, len(g.widths))
	for i := range row {
		row[i] = cell{g.heading[i], dim}
	}
	g.write(p, row)
}

func (g *grid) write(p *page, row []cell) {
	for n, from := range g.lines {
		to, indent := len(row), g.indent
		if n+1 < len(g.lines) {
			to = g.lines[n+1]
		}
		if n > 0 {
			indent += continuation
		}
		p.line(strings.Repeat(" ", indent) + g.cells(p, row, from, to))
	}
}

func (g *grid) cells(p *page, row []cell, from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		if i > from {
			b.WriteString(strings.Repeat(" ", g.before(i)))
		}
		pad := strings.Repeat(" ", g.widths[i]-sketch.Visible(row[i].text))
		text := p.paint(row[i].color, row[i].text)
		if g.right[i] == 'r' {
			b.WriteString(pad + text)
		} else {
			b.WriteString(text + pad)
		}
	}
	return b.String()
}
