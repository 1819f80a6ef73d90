package page

import "allroads/trace"

const (
	rungHeight   = 34 // of an arrow and what it is called
	detailHeight = 14 // of what there is to say besides
	ladderLeft   = 92
	ladderRight  = 64
	ladderTop    = 34
	ladderBottom = 16
)

// ladder draws what went between the two ends as arrows, the first ones on top.
func (s *sheet) ladder(out *pen) {
	rungs, left := rungsOf(s.conn)
	inner := ladderHeight(rungs, left)
	if s.height < titleHeight+ladderTop+inner+ladderBottom { // arrows are not squeezed
		s.height = titleHeight + ladderTop + inner + ladderBottom
	}
	s.open(out, s.title("Handshakes"), ladderAbout)
	out.put(`<svg x="%d" y="%d" width="%d" height="%d" overflow="visible">`,
		ladderLeft, titleHeight+ladderTop, s.width-ladderLeft-ladderRight, inner)
	drawLadder(out, s.conn, rungs, left)
	out.raw("</svg>\n</svg>\n")
}

const ladderAbout = "handshakes and other events as arrows between client and server, in the order of time"

func ladderHeight(rungs []rung, left int) int {
	height := 8
	for i := range rungs {
		height += rungs[i].height()
	}
	if left > 0 || len(rungs) == 0 {
		height += rungHeight
	}
	return height
}

// drawLadder fills its viewport: the lines of the two ends are its edges.
func drawLadder(out *pen, c *trace.Connection, rungs []rung, left int) {
	out.raw(`<g class="ends"><line y2="100%"/><line x1="100%" x2="100%" y2="100%"/></g>`)
	if len(c.Subflows) > 0 {
		flow := &c.Subflows[0]
		out.put(`<text class="name end" x="0" y="-20" dx="46">client</text><text class="name" x="100%%" y="-20" dx="-46">server</text>`)
		out.put(`<text class="small" x="-46" y="-6">%v</text><text class="small end" x="100%%" y="-6" dx="46">%v</text>`,
			flow.Client.Addr(), flow.Server.Addr())
	}
	y := 8
	for i := range rungs {
		rungs[i].draw(out, y)
		y += rungs[i].height()
	}
	switch {
	case len(rungs) == 0:
		out.put(`<text class="middle" x="50%%" y="%d">no handshake was seen</text>`, y+20)
	case left > 0:
		out.put(`<text class="middle" x="50%%" y="%d">and %v</text>`, y+20, plural(uint64(left), "more event"))
	}
}

func (r *rung) height() int {
	if r.detail != "" {
		return rungHeight + detailHeight
	}
	return rungHeight
}

// draw draws the arrow, with its time and packet beside it.
func (r *rung) draw(out *pen, y int) {
	line := y + 22
	out.put(`<g class="rung %v"><title>%v</title>`, r.class, r.whole())
	out.put(`<text class="end small" x="-10" y="%d">%v</text>`, line+4, r.time)
	if r.packet != 0 {
		out.put(`<text class="small" x="100%%" dx="10" y="%d">#%d</text>`, line+4, r.packet)
	}
	out.put(`<text class="middle label" x="50%%" y="%d">%v</text>`, line-6, r.label)
	out.put(`<line class="line" x1="0" x2="100%%" y1="%d" y2="%[1]d"/>`, line)
	if r.by == "client" {
		out.put(`<svg x="100%%" y="%d" overflow="visible"><path class="head" d="M0 0l-10-5v10z"/></svg>`, line)
	} else {
		out.put(`<path class="head" d="M0 %dl10-5v10z"/>`, line)
	}
	if r.detail != "" {
		out.put(`<text class="middle small detail" x="50%%" y="%d">%v</text>`, line+14, r.detail)
	}
	out.raw("</g>")
}
