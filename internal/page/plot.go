package page

// share is an attribute's value that is a share of the width or height.
func share(of float64) markup { return markup(trimmed(of*100) + "%") }

// plot writes what is inside the axes of a graph, and their labels outside: to
// the left, below and above. It fills its viewport, whatever its size, without
// stretching text or lines, so that one drawing suits each width.
func (p *panel) plot(out *pen) {
	p.grid(out)
	for i := range p.marks {
		p.marks[i].draw(out)
	}
	if p.empty != "" {
		out.put(`<text class="empty" x="50%%" y="50%%">%v</text>`, p.empty)
		return
	}
	out.put(`<svg class="data" width="100%%" height="100%%" viewBox="0 0 %d %d" preserveAspectRatio="none">`, 2*p.columns, gridHeight)
	for i := range p.curves {
		p.curves[i].draw(out)
	}
	out.raw("</svg>")
}

func (p *panel) grid(out *pen) {
	out.raw(`<g class="grid">`)
	for _, t := range p.y.ticks {
		out.put(`<line x2="100%%" y1="%v" y2="%[1]v"/><text class="end" x="-8" y="%[1]v" dy=".35em">%[2]v</text>`,
			share(1-t.at), t.label)
	}
	for i, t := range p.x.ticks {
		label := t.label
		if i == len(p.x.ticks)-1 && i > 0 {
			label += " " + p.x.unit
		}
		out.put(`<line class="up" x1="%v" x2="%[1]v" y2="100%%"/><text class="middle" x="%[1]v" y="100%%" dy="18">%[2]v</text>`,
			share(t.at), label)
	}
	if p.y.unit != "" {
		out.put(`<text class="end" x="-8" y="-10">%v</text>`, p.y.unit)
	}
	out.raw(`</g>`)
}

func (m *mark) draw(out *pen) {
	if m.until > m.at {
		out.put(`<rect class="%v" x="%v" width="%v" height="100%%"><title>%v</title></rect>`,
			m.class, share(m.at), share(m.until-m.at), m.text)
		return
	}
	out.put(`<g class="%v"><title>%v</title><line x1="%v" x2="%[3]v" y1="-3" y2="100%%"/><circle cx="%[3]v" cy="-4" r="3.5"/></g>`,
		m.class, m.text, share(m.at))
}

// draw writes a curve of the grid, with a width in pixels.
func (c *curve) draw(out *pen) {
	out.put(`<g class="%v">`, c.class)
	if len(c.area) > 0 {
		out.put(`<path class="area" d="%v"/>`, markup(c.area))
	}
	if len(c.dots) > 0 {
		out.put(`<path class="dots" vector-effect="non-scaling-stroke" d="%v"/>`, markup(c.dots))
	}
	out.put(`<path class="line" vector-effect="non-scaling-stroke" data-label="%v" d="%v"/></g>`, c.label, markup(c.line))
}
