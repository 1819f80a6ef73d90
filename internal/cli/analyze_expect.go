package cli

import (
	"fmt"
	"os"

	"allroads/internal/summary"
	"allroads/trace"
)

// parseExpectations reads those of --expect.
func (a *analysis) parseExpectations() error {
	for _, text := range a.flags.expect {
		expectation, err := summary.ParseExpectation(text)
		if err != nil {
			return &usageError{fmt.Errorf("--expect: %w", err), "allroads analyze"}
		}
		a.expect.List = append(a.expect.List, expectation)
	}
	return nil
}

// expectSink holds expectations against what is found.
type expectSink struct{ a *analysis }

func (s expectSink) connection(c *trace.Connection) error { s.a.expect.Add(c); return nil }

func (s expectSink) end(a *analysis) error {
	if a.partial != nil {
		a.expect.Doubt("the capture was not read to its end")
	}
	a.outcomes = a.expect.Result(a.report)
	return nil
}

// unmet tells which expectations do not hold, in the end: on standard output where
// that is for people.
func (a *analysis) unmet() error {
	f := a.flags
	out := newScreen(os.Stdout)
	if f.json || f.ndjson || f.csv {
		out = newScreen(os.Stderr)
	}
	all := true
	for _, o := range a.outcomes {
		all = all && o.Met
		word, color := "no", red
		if o.Met {
			word, color = "ok", green
		}
		if !o.Met || !f.quiet {
			out.printf("%s %s: %s\n", out.paint(color, word), o.Text, o.Got)
		}
	}
	if err := out.failed(); err != nil {
		return err
	}
	if !all {
		return status(exitNo)
	}
	return nil
}
