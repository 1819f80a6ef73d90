package summary

import (
	"fmt"

	"allroads/trace"
)

// Expectations are held against connections while they are over. Plain TCP
// connections are left out. Memory does not grow with the number of connections. It is
// not safe for concurrent use.
type Expectations struct {
	List []Expectation // as of ParseExpectation; not to be changed after the first Add

	all   []*expected
	doubt string
}

// begin makes room for what will be found.
func (e *Expectations) begin() {
	for i := len(e.all); i < len(e.List); i++ {
		one := e.List[i]
		e.all = append(e.all, &expected{Expectation: one, subject: subjectOf(one.Subject)})
	}
}

// Outcome is what came of an expectation.
type Outcome struct {
	Text    string `json:"text"` // the expectation
	Met     bool   `json:"met"`
	Got     string `json:"got"`     // what was found, or why it is not known
	Unknown bool   `json:"unknown"` // so it is not met
}

// Add takes a connection, of which nothing is kept.
func (e *Expectations) Add(c *trace.Connection) {
	e.begin()
	if !c.Multipath {
		return
	}
	for _, one := range e.all {
		one.add(c)
	}
}

// Doubt says why there is more than the connections tell: the result is of a part of
// the capture, for instance.
func (e *Expectations) Doubt(why string) { e.doubt = why }

// Result judges the expectations, in their order. The report is that of the analyzer
// that gave away the connections.
func (e *Expectations) Result(r *trace.Report) (outcomes []Outcome) {
	e.begin()
	doubt := e.doubt
	if doubt == "" {
		doubt = doubtOf(r)
	}
	for _, one := range e.all {
		outcomes = append(outcomes, one.outcome(doubt))
	}
	return outcomes
}

// doubtOf says why the packets may not be all there were.
func doubtOf(r *trace.Report) string {
	switch p := &r.Packets; {
	case r.Dropped > 0:
		return fmt.Sprintf("the capture lost %s", count(r.Dropped, "packet"))
	case p.Cut > 0:
		return fmt.Sprintf("too little was captured of %s", count(p.Cut, "packet"))
	case p.Evicted > 0:
		return fmt.Sprintf("%s beyond what can be followed at once", count(p.Evicted, "unanswered flow"))
	case p.Fragment+p.TooDeep+p.Link > 0:
		return fmt.Sprintf("%s could not be read", count(p.Fragment+p.TooDeep+p.Link, "packet"))
	}
	return ""
}
