package page

import (
	"fmt"

	"allroads/trace"
)

// drawings are all graphs of a connection, and what their lines are.
func drawings(out *pen, c *trace.Connection) {
	if columns(c) > 0 {
		var figures pen
		drawn := map[string]bool{}
		for i := range graphs {
			for _, d := range directions(c) {
				p := graphs[i].panel(c, &d)
				figure(&figures, c, &graphs[i], &d, &p)
				for _, line := range p.curves {
					drawn[line.label] = true
				}
			}
		}
		key(out, c, drawn)
		out.put("<div class=\"charts\">\n%v</div>\n", markup(figures.String()))
	}
	ladderFigure(out, c)
}

// key is the legend of all graphs of a connection.
func key(out *pen, c *trace.Connection, drawn map[string]bool) {
	out.raw("<ul class=\"key\" aria-label=\"Lines of the graphs\">\n")
	classes := styles(c)
	for i := range c.Subflows {
		flow := &c.Subflows[i]
		if drawn[nameOf(flow)] {
			out.put(`<li><svg class="graph" width="34" height="12" aria-hidden="true"><g class="%v"><path class="line" d="M1 6h32"/></g></svg> <b>%v</b> %v</li>`+"\n",
				classes[i], nameOf(flow), ends(flow))
		}
	}
	out.raw("</ul>\n")
}

// figure is a graph that takes the width that there is.
func figure(out *pen, c *trace.Connection, g *graph, d *direction, p *panel) {
	id := fmt.Sprintf("%s-%d-%s", g.name, c.ID, d.to)
	out.put("<figure class=\"chart %v\"><figcaption>%v <small>%v</small></figcaption>\n", g.name, g.title, d.name)
	if p.empty != "" {
		out.put("<p class=\"nothing\">%v</p></figure>\n", p.empty)
		return
	}
	out.put(`<div class="frame"><svg class="graph plot" role="img" aria-labelledby="%v-t %[1]v-d" data-x="%v" data-y="%v" data-unit="%v">`,
		id, trimmed(p.x.max), trimmed(p.y.max), g.unit)
	out.put(`<title id="%v-t">%v %v</title><desc id="%[1]v-d">%[4]v; %[5]v</desc>`, id, g.title, d.name, g.about, p.about)
	p.plot(out)
	out.raw("</svg></div>")
	if p.left > 0 {
		out.put("<p class=\"note\">%v not drawn.</p>", plural(uint64(p.left), "subflow"))
	}
	out.raw("</figure>\n")
}

func ladderFigure(out *pen, c *trace.Connection) {
	rungs, left := rungsOf(c)
	height := ladderHeight(rungs, left)
	out.put("<figure class=\"chart ladder\"><figcaption>Handshakes <small>and what else happened between the two ends</small></figcaption>\n")
	out.put(`<div class="frame"><svg class="graph rungs" role="img" aria-labelledby="ladder-%d-t ladder-%[1]d-d" height="%d">`, c.ID, height)
	out.put(`<title id="ladder-%d-t">Handshakes</title><desc id="ladder-%[1]d-d">%v</desc>`, c.ID, ladderAbout)
	drawLadder(out, c, rungs, left)
	out.raw("</svg></div></figure>\n")
}
