package bothends

import (
	"fmt"
	"strings"
)

// Kinds of changes.
const (
	OptionRemoved     = "option_removed"
	OptionAdded       = "option_added"
	OptionChanged     = "option_changed"
	SequenceShifted   = "sequence_shifted"
	AddressTranslated = "address_translated"
	PayloadAltered    = "payload"
	ResetInjected     = "reset_injected"
	PacketsInjected   = "packets_injected"
	FlagsChanged      = "flags"
	WindowChanged     = "window"
	DSCPChanged       = "dscp"
	ECNChanged        = "ecn"
)

const (
	toServer = "to_server"
	toClient = "to_client"
)

// change tells one as it was sent and as it arrived.
func (v *view) change(p *pair, x *change, up int) (c Change, ok bool) {
	w := &p.ways[x.way]
	sender := v.sender(x.way, up)
	c = Change{Kind: x.kind, Option: x.option, Direction: direction(x.way, up), Count: x.count, Of: w.pairs,
		From: x.text[sender], To: x.text[1-sender], First: v.example(x.first), Last: v.example(x.last)}
	switch {
	case x.kind == "option" && x.only == sender:
		c.Kind = OptionRemoved
	case x.kind == "option":
		c.Kind = OptionAdded
	}
	if x.key != 0 && c.Kind != OptionAdded {
		c.Of, c.Before = uint64(w.carried[sender][slot(x.key)]), x.before
	}
	if x.key == kindTimestamps<<8 && c.Kind == OptionChanged && x.count < sureAfter {
		return c, false // it may be another packet
	}
	c.Text = c.words()
	return c, true
}

// sender is the capture at the sender of a way.
func (v *view) sender(way, up int) int {
	if way == up {
		return v.client
	}
	return 1 - v.client
}

func direction(way, up int) string {
	if way == up {
		return toServer
	}
	return toClient
}

func (v *view) example(numbers [2]uint64) Example {
	return Example{Client: numbers[v.client], Server: numbers[1-v.client]}
}

// translations names addresses and sequence numbers that are others at the far end.
func (v *view) translations(p *pair, s *Subflow, up int) {
	first := Example{Client: p.flows[v.client].numbers[0], Server: p.flows[1-v.client].numbers[0]}
	add := func(c Change) {
		c.First, c.Last = first, first
		c.Text = c.words()
		s.Changes = append(s.Changes, c)
	}
	n := [2]uint64{p.ways[up].pairs, p.ways[1-up].pairs}
	if s.AtClient.Client != s.AtServer.Client {
		add(Change{Kind: AddressTranslated, Direction: toServer, Count: n[0], Of: n[0], From: s.AtClient.Client.String(), To: s.AtServer.Client.String()})
	}
	if s.AtClient.Server != s.AtServer.Server {
		add(Change{Kind: AddressTranslated, Direction: toClient, Count: n[1], Of: n[1], From: s.AtServer.Server.String(), To: s.AtClient.Server.String()})
	}
	for way := range p.ways {
		w := &p.ways[way]
		shift := int32(w.shiftAt(1))
		if v.sender(way, up) == 1 {
			shift = -shift
		}
		if shift != 0 && w.pairs > 0 {
			add(Change{Kind: SequenceShifted, Direction: direction(way, up), Count: w.pairs, Of: w.pairs, To: fmt.Sprintf("%+d", shift)})
		}
	}
}

// injections names what only the receiver's capture has, where that cannot be the
// sender's capture's fault: resets, and payload that the sender never sent.
func (v *view) injections(p *pair, s *Subflow, up int) {
	for way := range p.ways {
		receiver := 1 - v.sender(way, up)
		m := &p.ways[way].taps[receiver].missed
		of := p.ways[way].taps[receiver].packets
		if m.resets > 0 {
			s.inject(Change{Kind: ResetInjected, Direction: direction(way, up), Count: m.resets, Of: of}, m.reset, receiver == v.client)
		}
		if m.unsent > 0 {
			s.inject(Change{Kind: PacketsInjected, Direction: direction(way, up), Count: m.unsent, Of: of}, m.first, receiver == v.client)
		}
	}
}

func (s *Subflow) inject(c Change, number uint64, atClient bool) {
	if atClient {
		c.First.Client = number
	} else {
		c.First.Server = number
	}
	c.Last = c.First
	c.Text = c.words()
	s.Changes = append(s.Changes, c)
}

// how is what was done, in words.
func (c *Change) how() string {
	switch c.Kind {
	case OptionRemoved:
		return "removes " + c.Option
	case OptionAdded:
		return "adds " + c.Option
	case OptionChanged:
		return "changes " + c.Option
	case SequenceShifted:
		return "shifts the sequence numbers by " + c.To
	case AddressTranslated:
		return "translates the address " + c.From + " to " + c.To
	case PayloadAltered:
		return "alters the payload"
	case ResetInjected:
		return "resets the connection in the sender's name"
	case PacketsInjected:
		return "makes up payload that was never sent"
	case FlagsChanged:
		return "changes TCP flags"
	case WindowChanged:
		return "changes the window"
	case DSCPChanged:
		return "changes the DSCP"
	case ECNChanged:
		if c.To == "CE" {
			return "marks congestion (ECN)"
		}
		return "changes the ECN field"
	}
	return c.Kind
}

// whose says in which packets.
func (c *Change) whose() string {
	if c.Direction == toServer {
		return "the client's packets"
	}
	return "the server's packets"
}

// words say all of a change.
func (c *Change) words() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s: %d of %d", c.how(), c.whose(), c.Count, c.Of)
	if c.Kind == ResetInjected || c.Kind == PacketsInjected {
		fmt.Fprintf(&b, " that arrived were not sent")
	}
	if c.Before > 0 {
		fmt.Fprintf(&b, ", after %d that came through", c.Before)
	}
	if c.Kind != SequenceShifted && c.Kind != AddressTranslated && (c.From != "" || c.To != "") {
		fmt.Fprintf(&b, "; %s -> %s", orNone(c.From), orNone(c.To))
	}
	fmt.Fprintf(&b, " (%s)", c.First.words())
	return b.String()
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func (e Example) words() string {
	switch {
	case e.Client == 0:
		return fmt.Sprintf("packet %d at the server", e.Server)
	case e.Server == 0:
		return fmt.Sprintf("packet %d at the client", e.Client)
	default:
		return fmt.Sprintf("packet %d at the client, %d at the server", e.Client, e.Server)
	}
}

// harmless is what networks do without meaning to meddle.
func (c *Change) harmless() bool {
	return c.Kind == ECNChanged && c.To == "CE"
}
