package page

import "unicode/utf8"

// legend says which line is which, in rows of a width.
type legend struct {
	entries []entry
	rows    int
}

type entry struct {
	class, label string
	x, row       int
}

// letterWidth is that of one in the 12 pixels of the graphs' font.
const letterWidth = 7.4

// newLegend lists each curve once.
func newLegend(panels []panel, width int) (l legend) {
	known := map[string]bool{}
	x := 0
	for i := range panels {
		for _, c := range panels[i].curves {
			if known[c.label] {
				continue
			}
			known[c.label] = true
			wide := 34 + int(letterWidth*float64(utf8.RuneCountInString(c.label))) + 18
			if x > 0 && x+wide > width {
				x = 0
				l.rows++
			}
			l.entries = append(l.entries, entry{c.class, c.label, x, l.rows})
			x += wide
		}
	}
	if len(l.entries) > 0 {
		l.rows++
	}
	return l
}

func (l *legend) draw(out *pen, x, y int) {
	for _, e := range l.entries {
		at, line := x+e.x, y+e.row*legendRow
		out.put(`<g class="%v"><path class="line" d="M%d %dh26"/></g><text x="%d" y="%d">%v</text>`+"\n",
			e.class, at, line, at+34, line+4, e.label)
	}
}
