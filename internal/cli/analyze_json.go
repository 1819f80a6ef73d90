package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"allroads/internal/summary"
	"allroads/trace"
)

// analysisSchema is the form of the JSON, as docs/reference/analyze-json.md says.
const analysisSchema = "allroads.analysis/1"

// analysisRest is what JSON tells besides connections.
type analysisRest struct {
	Files        []string           `json:"files"`
	Interfaces   []trace.Interface  `json:"interfaces"`
	File         trace.FileStats    `json:"file"`
	Partial      *string            `json:"partial"`
	Packets      trace.PacketCounts `json:"packets"`
	OrphanJoins  uint64             `json:"orphan_joins"`
	Orphans      []trace.Orphan     `json:"orphans,omitempty"`
	Expectations []summary.Outcome  `json:"expectations"`
	Verdict      trace.Verdict      `json:"verdict"`
}

func (a *analysis) rest() analysisRest {
	r := a.report
	rest := analysisRest{
		Files: a.files, Packets: r.Packets, OrphanJoins: r.OrphanJoins, Orphans: r.Orphans, Verdict: r.Verdict,
		Interfaces: append([]trace.Interface{}, a.input.Interfaces()...), File: a.input.Stats(),
		Expectations: append([]summary.Outcome{}, a.outcomes...),
	}
	if a.partial != nil {
		text := oneLine(a.partial)
		rest.Partial = &text
	}
	return rest
}

// jsonSink writes one value, connection by connection: there may be more than fit
// into memory. When it cannot go on, the value has no end, so that nobody takes it
// for whole.
type jsonSink struct {
	out   *bufio.Writer
	begun bool
}

func newJSONSink() *jsonSink { return &jsonSink{out: bufio.NewWriterSize(os.Stdout, 64<<10)} }

func (s *jsonSink) begin() {
	if !s.begun {
		s.begun = true
		fmt.Fprintf(s.out, "{\"schema\":%q,\n\"connections\":[", analysisSchema)
	} else {
		s.out.WriteByte(',')
	}
}

func (s *jsonSink) connection(c *trace.Connection) error {
	s.begin()
	s.out.WriteByte('\n')
	return s.value(c)
}

func (s *jsonSink) value(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	if _, err := s.out.Write(text); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}

func (s *jsonSink) end(a *analysis) error {
	if !s.begun {
		s.begin()
	}
	text, err := json.Marshal(a.rest())
	if err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	s.out.WriteString("\n],\n")
	s.out.Write(text[1:]) // behind the brace
	s.out.WriteByte('\n')
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}

// ndjsonSink writes a value in a line for each connection, when it is over.
type ndjsonSink struct{ screen *screen }

func (s ndjsonSink) connection(c *trace.Connection) error {
	return s.line(struct {
		Schema string `json:"schema"`
		*trace.Connection
	}{analysisSchema + "/connection", c})
}

func (s ndjsonSink) end(a *analysis) error {
	return s.line(struct {
		Schema string `json:"schema"`
		analysisRest
	}{analysisSchema + "/end", a.rest()})
}

func (s ndjsonSink) line(value any) error {
	if err := json.NewEncoder(s.screen.file).Encode(value); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}
