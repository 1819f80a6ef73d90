package cli

import (
	"os"

	"allroads/internal/fullscreen"
	"allroads/internal/summary"
	"allroads/trace"
)

// openSinks makes who takes the results. Files are opened before anything is read.
func (a *analysis) openSinks() error {
	if err := a.parseExpectations(); err != nil {
		return err
	}
	if len(a.flags.expect) > 0 { // first: others tell what came of it
		a.sinks = append(a.sinks, expectSink{a})
	}
	if err := a.openGraphs(); err != nil {
		return err
	}
	a.sinks = append(a.sinks, a.printed())
	return nil
}

// printed is what takes what goes to standard output.
func (a *analysis) printed() sink {
	out := newScreen(os.Stdout)
	switch f := a.flags; {
	case f.json:
		return newJSONSink()
	case f.ndjson:
		return ndjsonSink{out}
	case f.csv:
		return csvSink{summary.NewCSV(os.Stdout)}
	case f.quiet:
		return quietSink{out}
	case len(f.selectors) > 0:
		return depthSink{out, a}
	default:
		return summarySink{out, summary.New(a.style(out))}
	}
}

func (a *analysis) style(out *screen) summary.Options {
	return summary.Options{Color: out.color, Width: out.width, Unicode: out.terminal() && fullscreen.Unicode(), Max: a.flags.max}
}

type summarySink struct {
	out *screen
	*summary.Summary
}

func (s summarySink) connection(c *trace.Connection) error { s.Add(c); return nil }

func (s summarySink) end(a *analysis) error { return s.Write(s.out.file, a.about(), a.report) }

// depthSink tells all of each connection.
type depthSink struct {
	out *screen
	a   *analysis
}

func (s depthSink) connection(c *trace.Connection) error {
	return summary.Connection(s.out.file, c, s.a.style(s.out))
}

func (s depthSink) end(*analysis) error { return nil }

type csvSink struct{ *summary.CSV }

func (s csvSink) connection(c *trace.Connection) error { return s.Add(c) }

func (s csvSink) end(*analysis) error { return s.Flush() }

type quietSink struct{ out *screen }

func (s quietSink) connection(*trace.Connection) error { return nil }

func (s quietSink) end(a *analysis) error {
	s.out.printf("%v\n", a.report.Verdict)
	return s.out.failed()
}
