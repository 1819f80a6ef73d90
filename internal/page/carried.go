package page

import "allroads/trace"

var carriedColumns = []column{
	{"No.", true}, {"Direction", false}, {"New data", true}, {"Share", true}, {"Goodput", true}, {"Segments", true}, {"Sent again by TCP", true},
	{"Loss", true}, {"By MPTCP", true}, {"Useful", true}, {"RTT min", true}, {"RTT avg", true}, {"RTT max", true},
	{"Waited for", true}, {"Stale", true},
}

// carried says what the subflows did in each direction that had data.
func carried(out *pen, c *trace.Connection) {
	openTable(out, "sortable", "What they carried", carriedColumns)
	classes := styles(c)
	for _, d := range directions(c) {
		for i := range c.Subflows {
			s := &c.Subflows[i]
			rowOf(out, s, classes[i])
			out.put(`<td>%v %v</td>`, markup(`<span aria-hidden="true">`+d.arrow+`</span>`), d.to)
			amounts(out, d.of(s), d.stream)
		}
	}
	closeTable(out)
}

func amounts(out *pen, of *trace.Carried, stream *trace.Stream) {
	out.bytes(of.Bytes)
	if stream.Bytes > 0 {
		part := float64(of.Bytes) / float64(stream.Bytes)
		out.number(part, percent(part))
	} else {
		out.number(-1, unknown)
	}
	out.rate(of.Goodput)
	out.count(of.Segments)
	out.bytes(of.Retransmitted)
	if loss, ok := of.Loss(); ok {
		out.number(loss, percent(loss))
	} else {
		out.number(-1, unknown)
	}
	out.bytes(of.Reinjected)
	out.bytes(of.Repeats.Useful)
	out.duration(of.RTT.Min) // 0 when none was measured
	out.duration(of.RTT.Average)
	out.duration(of.RTT.Max)
	out.duration(of.WaitedFor)
	out.duration(of.Stale.Total)
	out.raw("</tr>\n")
}
