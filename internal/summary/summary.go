package summary

import (
	"io"
	"slices"

	"allroads/trace"
)

// Summary gathers connections while they are over, for one page: totals of all, what
// is odd, and the most telling connections. Its memory does not grow with their
// number. It is not safe for concurrent use.
type Summary struct {
	o      Options
	totals totals
	odd    odd
	rows   []*row // the most telling one first, at most o.Max
	more   uint64 // connections that are not listed
}

// New returns a summary that looks as the options say.
func New(o Options) *Summary {
	if o.Max <= 0 {
		o.Max = defaultMax
	}
	return &Summary{o: o}
}

// Add takes a connection, and keeps nothing of it but copies. Of a connection's
// conclusion it needs the findings, not their texts (trace.Options.Brief).
func (s *Summary) Add(c *trace.Connection) {
	s.totals.add(c)
	highest := s.odd.add(c)
	if !c.Multipath && highest == plain {
		highest = plainTCP
	}
	toServer, toClient := moved(c)
	s.list(c, weight{highest, toServer + toClient, c.ID})
}

// list keeps a connection if it is more telling than another, or there is room.
func (s *Summary) list(c *trace.Connection, w weight) {
	at, _ := slices.BinarySearchFunc(s.rows, w, func(r *row, w weight) int { return r.weight.before(w) })
	var kept *row
	if len(s.rows) == s.o.Max {
		s.more++
		if at == len(s.rows) {
			return
		}
		kept = s.rows[len(s.rows)-1]
		s.rows = s.rows[:len(s.rows)-1]
	}
	if kept == nil {
		kept = new(row)
	}
	kept.fill(c, w)
	s.rows = slices.Insert(s.rows, at, kept)
}

// Write writes the page. The report is that of the analyzer which gave away the
// connections; its own list of connections is not looked at.
func (s *Summary) Write(w io.Writer, about About, r *trace.Report) error {
	p := newPage(w, s.o)
	about.write(p, r)
	s.totals.write(p)
	s.writeList(p)
	s.writeOdd(p, r)
	writeVerdict(p, about, r)
	return p.end()
}
