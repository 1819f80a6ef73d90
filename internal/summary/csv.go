package summary

import (
	"encoding/csv"
	"fmt"
	"io"

	"allroads/trace"
)

// CSV writes connections as comma-separated values (RFC 4180): a header, then a row
// for each subflow and direction. The columns are those of Columns; the ones of the
// connection are repeated in each of its rows. What is not known is empty.
type CSV struct {
	out     *csv.Writer
	begun   bool
	columns []Column
	record  []string
}

// Column is a column of the CSV.
type Column struct {
	Name, Text string
	value      func(*csvRow) string
}

// csvRow is what a row is about.
type csvRow struct {
	connection *trace.Connection
	subflow    *trace.Subflow
	direction  string
	stream     *trace.Stream
	carried    *trace.Carried
}

// NewCSV returns a CSV that is written to w. The header comes with the first
// connection, or with Flush.
func NewCSV(w io.Writer) *CSV {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	columns := Columns()
	return &CSV{out: out, columns: columns, record: make([]string, len(columns))}
}

// Add writes the rows of a connection: two for each subflow.
func (w *CSV) Add(c *trace.Connection) error {
	w.begin()
	for i := range c.Subflows {
		f := &c.Subflows[i]
		w.row(&csvRow{c, f, "to_server", &c.ToServer, &f.ToServer})
		w.row(&csvRow{c, f, "to_client", &c.ToClient, &f.ToClient})
	}
	return w.failed()
}

// Flush writes what is left.
func (w *CSV) Flush() error {
	w.begin()
	w.out.Flush()
	return w.failed()
}

func (w *CSV) begin() {
	if w.begun {
		return
	}
	w.begun = true
	for i := range w.columns {
		w.record[i] = w.columns[i].Name
	}
	w.out.Write(w.record) // The error stays in the writer.
}

func (w *CSV) row(r *csvRow) {
	for i := range w.columns {
		w.record[i] = w.columns[i].value(r)
	}
	w.out.Write(w.record)
}

func (w *CSV) failed() error {
	if err := w.out.Error(); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}
