// Package page writes what was found in captures as one HTML page that refers to
// nothing outside itself, and single graphs of it as SVG.
package page

import (
	"fmt"
	"io"
	"time"

	"allroads/trace"
)

// Page is what is shown.
type Page struct {
	Title       string             // "" is "MPTCP analysis"
	Files       []string           // names of the captures
	Summary     string             // the same in plain text; "" leaves it out
	Report      *trace.Report      // its own connections are not looked at
	Connections []trace.Connection // with charts, in the order in which they are listed
	Hidden      int                // how many more there were
	Generated   time.Time          // zero leaves it out
}

// Write writes the page. All of it can be read without JavaScript, whose part is to
// sort, to search, to choose a connection and to read values off a graph. It stays
// below five megabytes: of very many connections, those that are least remarkable are
// only rows of the table, and beyond 2,000 only counted.
func Write(w io.Writer, p *Page) error {
	if p.Report == nil {
		return fmt.Errorf("write page: there is no report")
	}
	shown := p.remarkable()
	var out pen
	shown.head(&out)
	shown.overview(&out)
	details := shown.details()
	shown.table(&out, details)
	for _, section := range details {
		out.raw(section)
	}
	shown.foot(&out)
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return nil
}

func (p *Page) title() string {
	if p.Title == "" {
		return "MPTCP analysis"
	}
	return p.Title
}
