package trace

import (
	"cmp"
	"slices"

	"allroads/wire"
)

// Inference says by what subflows were put together whose connection's start was not
// captured.
type Inference string

// The inferences, from the strongest to the weakest that a connection depends on.
const (
	NotInferred    Inference = ""            // its start was captured
	InferredOne    Inference = "one subflow" // nothing was put together
	InferredToken  Inference = "token"       // their MP_JOINs have the same
	InferredDSN    Inference = "dsn"         // their 64-bit data sequence numbers are close together
	InferredNarrow Inference = "dsn32"       // numbers of 32 bits are: weak
)

// weaker returns the inference that is to be said of two.
func (i Inference) weaker(o Inference) Inference {
	order := func(i Inference) int {
		switch i {
		case InferredToken:
			return 1
		case InferredDSN:
			return 2
		case InferredNarrow:
			return 3
		}
		return 0
	}
	if order(o) > order(i) {
		return o
	}
	return i
}

// How close data sequence numbers of two subflows are at a time: what can be under
// way. Of 64 bits, two connections are that close once in 2^34.
const (
	closeBy       = 1 << 29
	closeByNarrow = 1 << 23
)

// maxInferred is how many of the latest inferred connections a subflow is compared
// with.
const maxInferred = 256

// infer makes a connection whose start was not captured.
func (a *Analyzer) infer(by Inference) *connection {
	conn := a.connect()
	conn.inferred = by
	return conn
}

// own takes an inferred connection whose numbers are known into the list of those
// that subflows are compared with.
func (a *Analyzer) own(conn *connection) {
	if conn.owned {
		return
	}
	conn.owned = true
	if len(a.inferred) == maxInferred {
		a.inferred[0].owned = false
		a.inferred = append(a.inferred[:0], a.inferred[1:]...)
	}
	a.inferred = append(a.inferred, conn)
}

// disown takes a connection out of the inferred ones.
func (a *Analyzer) disown(conn *connection) {
	if !conn.owned {
		return
	}
	conn.owned = false
	for i, one := range a.inferred {
		if one == conn {
			a.inferred = append(a.inferred[:i], a.inferred[i+1:]...)
			return
		}
	}
}

// inferFromToken makes a connection for an MP_JOIN with a token that is not known.
// Most joins are the client's.
func (a *Analyzer) inferFromToken(token wire.Token) owner {
	conn := a.infer(InferredToken)
	conn.keys[server].token = token
	a.tokens[token] = owner{conn, server}
	return a.tokens[token]
}

// settle finds out which connection a subflow belongs to, once a segment has
// numbers of the data level.
func (f *subflow) settle(a *Analyzer, d direction, s *Segment) {
	var m wire.DSS
	if !a.hasDSS(s, &m) || !m.HasMap && !(m.HasAck && m.Ack64) {
		return
	}
	f.settled = true
	if f.conn.carries() {
		return
	}
	for i := len(a.inferred) - 1; i >= 0; i-- {
		to := a.inferred[i]
		if to == f.conn {
			continue
		}
		for _, from := range [...]side{f.sender(d), f.sender(d.other())} {
			if by := to.near(from, &m); by != "" && a.merge(f.conn, to, from != f.sender(d), by) {
				return
			}
		}
	}
}

// carries reports whether data of a connection was followed.
func (c *connection) carries() bool {
	return len(c.streams[client].covered)+len(c.streams[server].covered) > 0
}

// near reports by what a DSS option from a side belongs to the connection, "" when it
// does not. All its numbers that can be compared have to.
func (c *connection) near(from side, m *wire.DSS) (by Inference) {
	if m.HasMap && m.Length > 0 {
		by = c.streams[from].near(c.narrow[from], m.DSN, m.DSN64)
		if by == "" && c.streams[from].known {
			return ""
		}
	}
	if !m.HasAck {
		return by
	}
	to := from.other()
	switch ack := c.streams[to].near(c.narrow[to], m.DataAck, m.Ack64); {
	case ack == "" && c.streams[to].known:
		return ""
	case ack == InferredDSN:
		return ack
	}
	return by
}

func (s *stream) near(narrow bool, dsn uint64, is64 bool) Inference {
	if !s.known {
		return ""
	}
	at := s.base + max(s.covered.end(), s.promised, s.acked)
	if is64 && !narrow {
		if difference := int64(dsn - at); difference > -closeBy && difference < closeBy {
			return InferredDSN
		}
		return ""
	}
	if difference := int32(uint32(dsn) - uint32(at)); difference > -closeByNarrow && difference < closeByNarrow {
		return InferredNarrow
	}
	return ""
}

// merge moves the subflows of a connection that has carried nothing into another;
// turned when the client of one is the server of the other. Two tokens of a side
// cannot be of one connection.
func (a *Analyzer) merge(from, to *connection, turned bool, by Inference) bool {
	swap := side(0)
	if turned {
		swap = 1
	}
	for of := range from.keys {
		mine, theirs := &from.keys[of], &to.keys[side(of)^swap]
		if mine.token != 0 && theirs.token != 0 && mine.token != theirs.token {
			return false
		}
	}
	for of := range from.keys {
		if token := from.keys[of].token; token != 0 && a.tokens[token].conn == from {
			to.keys[side(of)^swap].token = token
			a.tokens[token] = owner{to, side(of) ^ swap}
		}
	}
	to.inferred = to.inferred.weaker(from.inferred).weaker(by)
	to.take(from, swap)
	a.disown(from)
	a.live.remove(from)
	return true
}

// take moves subflows and events from another connection.
func (c *connection) take(from *connection, swap side) {
	shift := len(c.subflows)
	for _, flow := range from.subflows {
		flow.conn, flow.id, flow.opener = c, flow.id+shift, flow.opener^swap
		flow.backup[client], flow.backup[server] = flow.backup[client^swap], flow.backup[server^swap]
		c.subflows = append(c.subflows, flow)
	}
	for _, event := range from.events {
		event.Subflow += shift
		if swap != 0 {
			event.By = map[string]string{"client": "server", "server": "client"}[event.By]
		}
		c.events = append(c.events, event)
	}
	c.more += from.more
	c.open += from.open
	c.waiting += from.waiting
	for of := range from.streams {
		c.streams[side(of)^swap].unsure += from.streams[of].unsure
	}
	c.futile = append(c.futile, from.futile...)
	c.hidden += from.hidden
	c.id, c.began = min(c.id, from.id), min(c.began, from.began)
	slices.SortStableFunc(c.events, func(a, b Event) int { return cmp.Compare(a.Packet, b.Packet) })
}
