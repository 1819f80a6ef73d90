package summary

import (
	"cmp"
	"fmt"
	"slices"

	"allroads/trace"
)

// writeList writes the connections that were kept, each with its subflows: all in
// order of appearance, or else the most telling one first.
func (s *Summary) writeList(p *page) {
	if len(s.rows) == 0 {
		return
	}
	p.blank()
	rows := slices.Clone(s.rows)
	if s.more == 0 {
		slices.SortFunc(rows, func(a, b *row) int { return cmp.Compare(a.id, b.id) })
	} else {
		p.line(fmt.Sprintf("The %d most telling of %d:", len(rows), s.more+uint64(len(rows))))
	}
	connections, subflows := p.connectionGrid(rows), p.subflowGrid(rows)
	connections.writeHeading(p)
	if len(subflows.widths) > 0 {
		subflows.writeHeading(p)
	}
	for _, r := range rows {
		connections.write(p, p.connectionCells(r))
		for i := range r.subflows {
			subflows.write(p, p.subflowCells(&r.subflows[i]))
		}
		if r.subflowsDropped > 0 {
			p.line(fmt.Sprintf("%*sand %s", subflows.indent, "", count(r.subflowsDropped, "more subflow")))
		}
	}
}

func (p *page) connectionGrid(rows []*row) *grid {
	g := &grid{right: "rllllrrrrl", part: 4, near: 3, heading: []string{
		"#", "TOKEN", "CLIENT", p.arrow() + " SERVER", "KIND", "SUBFLOWS", "TO SERVER", "TO CLIENT", "GOODPUT", "VERDICT"}}
	for _, r := range rows {
		g.measure(p.connectionCells(r))
	}
	g.fit(p.Width)
	return g
}

func (p *page) connectionCells(r *row) []cell {
	return []cell{
		{fmt.Sprint(r.id), bold}, {r.token(), ""},
		{r.client.String(), bold}, {p.arrow() + " " + r.server.String(), bold},
		{kindText(r.kind), kindColor(r.kind)}, {r.numbers(), ""},
		{bytesText(r.toServer), ""}, {bytesText(r.toClient), ""}, {rateText(r.goodput), ""},
		{string(r.verdict), r.verdict.color()},
	}
}

// token is that of the client's key, by which ss and monitor at the client name the
// connection, or else the server's.
func (r *row) token() string {
	switch {
	case r.kind == trace.KindTCP:
		return "-"
	case r.tokens.Client.Known:
		return r.tokens.Client.String()
	}
	return r.tokens.Server.String()
}

// numbers are how many subflows were used, established and seen.
func (r *row) numbers() string {
	made := fmt.Sprint(r.made)
	if r.unclear {
		made = unknown
	}
	return fmt.Sprintf("%d/%s/%d", r.used, made, r.seen)
}

func (p *page) subflowGrid(rows []*row) *grid {
	g := &grid{right: "rlllrrrrr", part: 4, near: 2, indent: 2, heading: []string{
		"#", "PATH FROM", p.arrow() + " TO", "STATE", "SHARE", "BYTES", "RTT", "LOSS", "REINJ."}}
	for _, r := range rows {
		for i := range r.subflows {
			g.measure(p.subflowCells(&r.subflows[i]))
		}
	}
	g.fit(p.Width)
	return g
}

func (p *page) subflowCells(f *subflowRow) []cell {
	from, to := f.client.Addr().String(), f.server.Addr().String()
	if f.ambiguous {
		from, to = f.client.String(), f.server.String()
	}
	state := cell{f.state, ""}
	if !f.established {
		state.color = yellow
	}
	return []cell{
		{fmt.Sprint(f.id), ""}, {from, ""}, {p.arrow() + " " + to, ""}, state, {percent(f.share, f.of), ""}, {bytesText(f.share), ""},
		{tookIf(f.rtt), ""}, {percent(f.resent, f.segments), ""}, {bytesText(f.reinjected), ""},
	}
}
