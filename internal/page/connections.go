package page

import (
	"allroads/trace"
)

var connectionColumns = []column{
	{"No.", true}, {"Outcome", false}, {"Client", false}, {"Server", false}, {"Token", false}, {"Subflows", true}, {"Paths", true},
	{"To server", true}, {"To client", true}, {"Goodput", true}, {"Sent again", true}, {"Opened", true}, {"Duration", true},
}

// table lists all connections. Those with details are linked to them.
func (p *Page) table(out *pen, chosen []markup) {
	out.raw("<section id=\"connections\" class=\"list\">\n<h2>Connections</h2>\n")
	if len(p.Connections) == 0 {
		out.raw("<p>No connection was found.</p>\n</section>\n")
		return
	}
	openTable(out, "sortable searchable"+long(len(p.Connections)), "All connections", connectionColumns)
	begin := p.Connections[0].Opened
	for i := range p.Connections {
		begin = min(begin, p.Connections[i].Opened)
	}
	rowsOnly := 0
	for i := range p.Connections {
		row(out, &p.Connections[i], begin, chosen[i] != "")
		if chosen[i] == "" {
			rowsOnly++
		}
	}
	closeTable(out)
	if rowsOnly > 0 {
		out.put("<p class=\"note\">The page would be too long with the details of all: %v a row only. <code>allroads analyze --connection N</code> has the rest.</p>\n", ofThem(rowsOnly))
	}
	if p.Hidden > 0 {
		out.put("<p class=\"note\">%v not on this page.</p>\n", moreAre(p.Hidden))
	}
	out.raw("</section>\n")
}

// long is the class of a table that has a window of its own on a screen.
func long(rows int) string {
	if rows > 16 {
		return " long"
	}
	return ""
}

func ofThem(n int) string {
	if n == 1 {
		return "1 of them has"
	}
	return grouped(uint64(n)) + " of them have"
}

func moreAre(n int) string {
	if n == 1 {
		return "1 more connection is"
	}
	return grouped(uint64(n)) + " more connections are"
}

func row(out *pen, c *trace.Connection, begin int64, linked bool) {
	if linked {
		out.put(`<tr><th scope="row" class="n" data-v="%d"><a href="#connection-%[1]d">%[1]d</a></th>`, c.ID)
	} else {
		out.put(`<tr><th scope="row" class="n" data-v="%d">%[1]d</th>`, c.ID)
	}
	out.put(`<td>%v</td>`, kind(c))
	client, server := endpoints(c)
	out.cell(client)
	out.cell(server)
	out.put(`<td class="code">%v</td>`, token(c.Tokens.Server))
	out.count(establishedOf(c))
	out.count(uint64(max(c.Conclusion.Paths, 0)))
	out.bytes(c.ToServer.Bytes)
	out.bytes(c.ToClient.Bytes)
	most := &c.ToServer
	if c.ToClient.Bytes > most.Bytes {
		most = &c.ToClient
	}
	out.rate(most.Goodput)
	out.bytes(sentAgain(c))
	out.number(float64(c.Opened-begin), "+"+duration(c.Opened-begin))
	out.duration(c.Last - c.Opened)
	out.raw("</tr>\n")
}

func endpoints(c *trace.Connection) (client, server string) {
	if len(c.Subflows) == 0 {
		return unknown, unknown
	}
	return c.Subflows[0].Client.String(), c.Subflows[0].Server.String()
}

func token(t trace.KnownToken) string {
	if !t.Known {
		return unknown
	}
	return t.Token.String()
}

func establishedOf(c *trace.Connection) (n uint64) {
	for i := range c.Subflows {
		if c.Subflows[i].Established {
			n++
		}
	}
	return n
}

// sentAgain is what came more than once, on all subflows.
func sentAgain(c *trace.Connection) (n uint64) {
	for i := range c.Subflows {
		for _, d := range bothDirections(c) {
			of := d.of(&c.Subflows[i])
			n += of.Retransmitted + of.Reinjected
		}
	}
	return n
}
