package page

import (
	"strings"

	"allroads/trace"
)

var eventColumns = []column{
	{"Time", true}, {"Packet", true}, {"Subflow", true}, {"By", false}, {"Event", false}, {"Detail", false},
}

func events(out *pen, c *trace.Connection) {
	if len(c.Events) == 0 {
		return
	}
	openTable(out, "sortable prose", "Events", eventColumns)
	for i := range c.Events {
		e := &c.Events[i]
		out.put(`<tr class="%v">`, tone(e.Kind))
		out.number(float64(e.Time-c.Opened), "+"+duration(max(e.Time-c.Opened, 0)))
		out.count(e.Packet)
		out.count(uint64(max(e.Subflow, 0)))
		out.cell(e.By)
		out.cell(strings.ReplaceAll(string(e.Kind), "_", " "))
		out.cell(e.Detail)
		out.raw("</tr>\n")
	}
	closeTable(out)
	if c.Hidden > 0 {
		out.put("<p class=\"note\">%v not listed.</p>\n", plural(c.Hidden, "more event"))
	}
}
