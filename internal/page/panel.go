package page

import "allroads/trace"

// panel is a graph of one direction.
type panel struct {
	direction string
	about     string // in words, for who cannot see it
	x, y      axis
	columns   int
	curves    []curve
	marks     []mark
	left      int    // subflows that are not drawn
	empty     string // why there is nothing to draw
}

// curve is drawn for one subflow.
type curve struct {
	class, label string
	line, area   []byte // data of SVG paths
	dots         []byte // of one with lines of no length
}

// newPanel makes one without curves.
func newPanel(c *trace.Connection, d *direction) panel {
	p := panel{direction: d.name, columns: columns(c)}
	p.x = timeAxis(float64(max(int64(p.columns)*c.ChartWidth, 1)))
	return p
}

// none makes it an empty one.
func (p *panel) none(why string) panel {
	p.empty, p.columns = why, max(p.columns, 1)
	p.y = axis{max: 1, ticks: []tick{{0, "0"}}}
	if p.x.max <= 1 {
		p.x = axis{max: 1}
	}
	return *p
}

// noData says why a graph of the stream is empty.
func noData(c *trace.Connection) string {
	if c.Fallback != nil && hasData(c) {
		return "it went on as plain TCP: no data was mapped"
	}
	return "no data was seen"
}
