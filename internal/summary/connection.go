package summary

import (
	"fmt"
	"io"
	"strings"

	"allroads/internal/sketch"
	"allroads/trace"
)

// Connection writes all there is to say of one connection. Its charts are left to
// the pages that draw them.
func Connection(w io.Writer, c *trace.Connection, o Options) error {
	p := newPage(w, o)
	p.head(c)
	p.keys(c)
	p.checks(2, c.Checks)
	p.stream("Data to the server", &c.ToServer, &c.Conclusion.ToServer)
	p.stream("Data to the client", &c.ToClient, &c.Conclusion.ToClient)
	for i := range c.Subflows {
		p.subflow(c, &c.Subflows[i])
	}
	if c.Futile > 0 {
		p.blank()
		p.line("And " + count(c.Futile, "more subflow") + " that never came about")
	}
	p.events(c)
	return p.end()
}

// head says what it was and what it came to.
func (p *page) head(c *trace.Connection) {
	v := judged(c)
	kind := p.paint(kindColor(c.Conclusion.Kind), kindText(c.Conclusion.Kind))
	p.wrapped(2, p.paint(bold, fmt.Sprintf("Connection %d", c.ID))+":", protocol(c)+", "+kind+", "+p.paint(v.color(), string(v)))
	p.field(2, "conclusion", printable(c.Conclusion.String()))
	if c.Multipath {
		p.field(2, "verdict", printable(reasons(c)))
		p.field(2, "fallback", fallbackText(c))
	}
	if c.Inferred != trace.NotInferred {
		p.field(2, "inferred", inferredText(c.Inferred)+"; which end is the server is a guess by the ports")
	}
	if c.Aborted != "" {
		p.field(2, "aborted", printable(c.Aborted))
	}
	p.field(2, "opened", instant(c.Opened)+", last packet after "+took(c.Last-c.Opened))
	if !c.Multipath {
		return
	}
	p.field(2, "established", "in "+tookIf(int64(c.Establishment))+", another subflow after "+tookIf(int64(c.SecondSubflow)))
	p.field(2, "handover", handoverText(c))
}

func protocol(c *trace.Connection) string {
	switch {
	case !c.Multipath:
		return "TCP"
	case c.Version == nil:
		return "MPTCP " + unknown
	}
	return "MPTCP " + c.Version.String()
}

// maxInDepth are the reasons told of a connection, whose checks are told, too.
const maxInDepth = 4

func reasons(c *trace.Connection) string {
	switch {
	case c.Verdict.Proven:
		return "proven"
	case len(c.Verdict.Reasons) == 0:
		return "not proven"
	}
	sorted := worstFirst(c.Verdict.Reasons)
	if more := len(sorted) - maxInDepth; more > 0 {
		sorted = append(sorted[:maxInDepth], fmt.Sprintf("and %d more, as the checks say", more))
	}
	return "not proven: " + strings.Join(sorted, "; ")
}

func fallbackText(c *trace.Connection) string {
	if c.Fallback == nil {
		return "none was seen"
	}
	return fmt.Sprintf("%v, packet %d, at %s", c.Fallback, c.Fallback.Packet, since(c.Opened, c.Fallback.Time))
}

func handoverText(c *trace.Connection) string {
	h := c.Conclusion.Handover
	if h == nil {
		return "none was seen"
	}
	return fmt.Sprintf("at %s from subflow %d (%s) to %d: no data arrived at the %s for %s",
		since(c.Opened, h.At), h.Before, h.Because, h.After, h.To, took(h.Duration))
}

// keys writes the ends of the connection, with a key and token each.
func (p *page) keys(c *trace.Connection) {
	for _, side := range [...]string{"client", "server"} {
		token := c.Tokens.Client
		if side == "server" {
			token = c.Tokens.Server
		}
		text := unknown
		if len(c.Subflows) > 0 {
			text = c.Subflows[0].Client.String()
			if side == "server" {
				text = c.Subflows[0].Server.String()
			}
		}
		if c.Multipath {
			text += ", token " + token.String() + ", " + keyText(c, side)
		}
		p.field(2, side, text)
	}
}

func keyText(c *trace.Connection, side string) string {
	for i := range c.Keys {
		if k := &c.Keys[i]; k.Side == side {
			return fmt.Sprintf("key %v, IDSN %d", k.Key, k.IDSN)
		}
	}
	return "key " + unknown
}

// checks writes what was held against the packets, with what came of it.
func (p *page) checks(indent int, checks []trace.Check) {
	const status, name = 8, 19
	for i := range checks {
		c := &checks[i]
		color := map[trace.Status]string{trace.OK: green, trace.Bad: red, trace.Unknown: yellow}[c.Status]
		first := strings.Repeat(" ", indent) + p.paint(color, fmt.Sprintf("%-*s", status, c.Status)) + fmt.Sprintf("%-*s", name, c.Name)
		p.wrapped(indent+status+name, first, printable(c.Detail))
	}
}

// events writes what happened besides data, by its time since the first packet.
func (p *page) events(c *trace.Connection) {
	if len(c.Events) == 0 {
		return
	}
	p.blank()
	p.heading("Events (time since the first packet, packet, subflow, by)")
	for i := range c.Events {
		e := &c.Events[i]
		first := fmt.Sprintf("  %13s %7d %3d %-6s %s", since(c.Opened, e.Time), e.Packet, e.Subflow, e.By, strings.ReplaceAll(string(e.Kind), "_", " "))
		detail := printable(e.Detail)
		if detail != "" {
			first += ":"
		}
		p.wrapped(sketch.Visible("  +000000.000000 s"), first, detail)
	}
	if c.Hidden > 0 {
		p.line("  and " + count(c.Hidden, "more event"))
	}
}
