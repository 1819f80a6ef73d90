package page

import (
	"fmt"
	"strings"

	"allroads/trace"
)

// section is all about one connection, which may be the only one of the page.
func section(out *pen, c *trace.Connection, alone bool) {
	client, server := endpoints(c)
	out.put("<section class=\"connection\" id=\"connection-%d\" aria-labelledby=\"heading-%[1]d\">\n", c.ID)
	out.put("<h2 id=\"heading-%d\">Connection %[1]d %v <small>%v → %v</small></h2>\n", c.ID, kind(c), client, server)
	out.put("<p class=\"lead\">%v.</p>\n", text(c))
	findings(out, c, alone)
	facts(out, c)
	drawings(out, c)
	subflows(out, c)
	carried(out, c)
	events(out, c)
	checks(out, c)
	out.raw("</section>\n")
}

// text is the conclusion without its findings, which are a list of their own.
func text(c *trace.Connection) string {
	short := c.Conclusion
	short.Findings, short.Handover = nil, nil
	words := short.String()
	if c.Multipath && c.Version != nil {
		words += fmt.Sprintf(" (MPTCP %v)", *c.Version)
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// findings are the reasons, and what keeps the connection from being proven, where
// the verdict on all does not say that.
func findings(out *pen, c *trace.Connection, alone bool) {
	if list := found(c); len(list) > 0 {
		out.raw("<ul class=\"findings\">\n")
		for _, one := range list {
			out.put("<li>%v</li>\n", one)
		}
		out.raw("</ul>\n")
	}
	if c.Multipath && !alone && len(c.Verdict.Reasons) > 0 {
		out.raw("<div class=\"unproven\"><h3>Not proven, because</h3>\n")
		reasons(out, c.Verdict.Reasons)
		out.raw("</div>\n")
	}
}

func found(c *trace.Connection) (list []string) {
	for i := range c.Conclusion.Findings {
		list = append(list, c.Conclusion.Findings[i].String())
	}
	if c.Conclusion.Handover != nil {
		list = append(list, c.Conclusion.Handover.String())
	}
	if c.Inferred != trace.NotInferred {
		list = append(list, "its start was not captured; put together by: "+string(c.Inferred))
	}
	if c.Aborted != "" {
		list = append(list, "cut short: "+c.Aborted)
	}
	if c.Futile > 0 {
		list = append(list, plural(c.Futile, "more subflow")+" never came about")
	}
	return list
}
