package page

import "allroads/trace"

// direction is one of the two that data goes in.
type direction struct {
	name, arrow string
	to          string // as events and handovers name it
	stream      *trace.Stream
	of          func(*trace.Subflow) *trace.Carried
}

func bothDirections(c *trace.Connection) []direction {
	return []direction{
		{"to the server", "→", "server", &c.ToServer, func(s *trace.Subflow) *trace.Carried { return &s.ToServer }},
		{"to the client", "←", "client", &c.ToClient, func(s *trace.Subflow) *trace.Carried { return &s.ToClient }},
	}
}

// directions are those that had data; the first when neither had.
func directions(c *trace.Connection) []direction {
	both := bothDirections(c)
	var with []direction
	for _, d := range both {
		if d.used(c) {
			with = append(with, d)
		}
	}
	if len(with) == 0 {
		return both[:1]
	}
	return with
}

func (d *direction) used(c *trace.Connection) bool {
	if d.stream.Bytes > 0 || d.stream.Sent > 0 {
		return true
	}
	for i := range c.Subflows {
		if d.of(&c.Subflows[i]).Payload > 0 {
			return true
		}
	}
	return false
}
