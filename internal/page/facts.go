package page

import (
	"fmt"

	"allroads/trace"
)

// card is a heading with terms and what they are.
type card struct {
	heading string
	facts   [][2]string
}

func (c *card) add(term, value string) { c.facts = append(c.facts, [2]string{term, value}) }

func facts(out *pen, c *trace.Connection) {
	cards := []card{times(c), identity(c)}
	for _, d := range directions(c) {
		cards = append(cards, data(c, &d))
	}
	out.raw("<div class=\"cards\">\n")
	for i := range cards {
		out.put("<div class=\"card\"><h3>%v</h3><dl>\n", cards[i].heading)
		for _, f := range cards[i].facts {
			out.put("<div><dt>%v</dt><dd>%v</dd></div>\n", f[0], f[1])
		}
		out.raw("</dl></div>\n")
	}
	out.raw("</div>\n")
}

func times(c *trace.Connection) (out card) {
	out.heading = "Times"
	out.add("opened", instant(c.Opened))
	out.add("last packet", "+"+duration(c.Last-c.Opened))
	out.add("established after", known(int64(c.Establishment)))
	out.add("second subflow after", known(int64(c.SecondSubflow)))
	if c.Fallback != nil {
		out.add("fell back", fmt.Sprintf("+%s, packet %d", duration(c.Fallback.Time-c.Opened), c.Fallback.Packet))
	}
	if h := c.Conclusion.Handover; h != nil {
		out.add("handover", fmt.Sprintf("+%s, for %s", duration(h.At-c.Opened), duration(h.Duration)))
	}
	return out
}

func identity(c *trace.Connection) (out card) {
	out.heading = "Tokens and keys"
	out.add("client's token", token(c.Tokens.Client))
	out.add("server's token", token(c.Tokens.Server))
	for i := range c.Keys {
		out.add(c.Keys[i].Side+"'s key", c.Keys[i].Key.String())
	}
	good, bad, open := 0, 0, 0
	for _, list := range checksOf(c) {
		for i := range list.checks {
			switch list.checks[i].Status {
			case trace.OK:
				good++
			case trace.Bad:
				bad++
			default:
				open++
			}
		}
	}
	out.add("checks", fmt.Sprintf("%d ok, %d bad, %d unknown", good, bad, open))
	return out
}

// data is what went in one direction.
func data(c *trace.Connection, d *direction) (out card) {
	s := d.stream
	out.heading = "Data " + d.name
	amount := bytesText(s.Bytes)
	if s.Unseen > 0 {
		amount += ", and " + bytesText(s.Unseen) + " not captured"
	}
	if !s.Ended {
		amount += ", not ended"
	}
	out.add("data", amount)
	out.add("sent", bytesText(s.Sent)+" of payload")
	out.add("goodput", rateText(s.Goodput))
	if best := aggregation(c, d); best.Subflow != 0 && best.Best > 0 {
		out.add("best subflow", fmt.Sprintf("%s on %d", rateText(best.Best), best.Subflow))
	}
	if r := &s.Reordering; r.Packets > 0 {
		out.add("out of order", fmt.Sprintf("%s, up to %s at once", plural(r.Packets, "packet"), bytesText(r.Buffer)))
		out.add("data waited", fmt.Sprintf("%s in all, %s at most", duration(r.Waited), duration(r.Longest)))
	}
	if s.Stall.Duration > 0 {
		out.add("longest stall", fmt.Sprintf("%s, from +%s", duration(s.Stall.Duration), duration(max(s.Stall.At-c.Opened, 0))))
	}
	out.add("window", window(&s.Window))
	return out
}

func aggregation(c *trace.Connection, d *direction) trace.Aggregation {
	if d.to == "server" {
		return c.Conclusion.ToServer
	}
	return c.Conclusion.ToClient
}

func window(w *trace.Window) string {
	if !w.Known {
		return unknown
	}
	text := bytesText(w.Min) + " to " + bytesText(w.Max)
	if w.Limited > 0 {
		text += ", was the limit for " + duration(w.Limited)
	}
	return text
}
