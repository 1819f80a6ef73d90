package extract

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"allroads/trace"
)

// Chosen is a connection that is extracted.
type Chosen struct {
	ID        int
	Tokens    trace.Tokens
	Multipath bool
	Inferred  trace.Inference // its start was not captured
	Fallback  bool
	Hidden    uint64 // subflows that never came about and that are left out, beyond 64

	flows []subflow
}

// subflow is where packets of a connection are.
type subflow struct {
	client, server netip.AddrPort
	first          uint64 // number of its first packet
}

// String says which connection it is: "2 (tokens 1a2b3c4d, 5e6f7081; 10.0.0.2:40000 -> 10.0.1.1:443)".
func (c *Chosen) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d (", c.ID)
	if c.Multipath {
		fmt.Fprintf(&b, "tokens %v, %v; ", c.Tokens.Client, c.Tokens.Server)
	}
	fmt.Fprintf(&b, "%v -> %v)", c.flows[0].client, c.flows[0].server)
	return b.String()
}

// NotFoundError says that a selector names no connection of the capture, or too many
// for what is asked.
type NotFoundError struct {
	What  string
	Known []string // the first connections of the capture, in words
	Count int      // how many there are
}

func (e *NotFoundError) Error() string {
	if e.Count == 0 {
		return e.What + ": the capture has no connections"
	}
	text := fmt.Sprintf("%s: the capture has %s", e.What, strings.Join(e.Known, ", "))
	if more := e.Count - len(e.Known); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// maxKnown is how many connections an error names.
const maxKnown = 8

// search is a first look at a capture.
type search struct {
	selectors []trace.Selector
	matched   []bool
	chosen    []Chosen
	only      Chosen // the last one, for when there is but one
	known     []string
	count     int
}

// find analyzes the files and returns the connections that the selectors name;
// without selectors, the only one. damage is why files could not be read to the end.
func find(ctx context.Context, files []string, selectors []trace.Selector, o Options) (chosen []Chosen, damage, err error) {
	in, err := trace.Open(files...)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	s := search{selectors: selectors, matched: make([]bool, len(selectors))}
	_, err = in.Analyze(ctx, trace.Options{Midway: true, TCP: o.TCP}, s.look)
	switch {
	case ctx.Err() != nil:
		return nil, nil, context.Cause(ctx)
	case err != nil && !IsDamage(err):
		return nil, nil, err
	}
	chosen, notFound := s.result()
	return chosen, err, notFound
}

// look takes a connection, which is valid until it returns.
func (s *search) look(c *trace.Connection) {
	wanted := false
	for i, selector := range s.selectors {
		if selector.Match(c) {
			wanted, s.matched[i] = true, true
		}
	}
	s.count++
	if wanted || len(s.known) < maxKnown || len(s.selectors) == 0 {
		s.take(c, wanted)
	}
}

func (s *search) take(c *trace.Connection, wanted bool) {
	one := Chosen{
		ID: c.ID, Tokens: c.Tokens, Multipath: c.Multipath, Inferred: c.Inferred,
		Fallback: c.Fallback != nil, Hidden: c.Futile,
	}
	for i := range c.Subflows {
		flow := &c.Subflows[i]
		one.flows = append(one.flows, subflow{flow.Client, flow.Server, flow.FirstPacket})
	}
	if len(s.known) < maxKnown {
		s.known = append(s.known, one.String())
	}
	if wanted {
		s.chosen = append(s.chosen, one)
	}
	s.only = one
}

func (s *search) result() ([]Chosen, error) {
	for i, selector := range s.selectors {
		if !s.matched[i] {
			return nil, s.notFound(fmt.Sprintf("no connection %v", selector))
		}
	}
	if len(s.selectors) > 0 {
		return s.chosen, nil
	}
	if s.count != 1 {
		return nil, s.notFound("no connection is chosen")
	}
	return []Chosen{s.only}, nil
}

func (s *search) notFound(what string) error {
	return &NotFoundError{What: what, Known: s.known, Count: s.count}
}
