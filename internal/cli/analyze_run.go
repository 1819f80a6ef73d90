package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"allroads/internal/summary"
	"allroads/trace"
)

// A sink takes what an analysis finds.
type sink interface {
	// connection takes one that is over; it is used again afterwards.
	connection(c *trace.Connection) error
	// end takes the rest.
	end(a *analysis) error
}

// analysis is what became of reading captures.
type analysis struct {
	flags    *analyzeFlags
	files    []string
	input    input
	sinks    []sink
	err      error // of a sink, the first one
	report   *trace.Report
	partial  error // why it is not the whole, nil when it is
	found    int   // connections that were asked for
	others   []string
	expect   summary.Expectations
	outcomes []summary.Outcome
}

// input is where packets come from.
type input interface {
	Interfaces() []trace.Interface
	Stats() trace.FileStats
}

// badInput is a file that cannot be read, or not to its end.
type badInput struct{ error }

func (b badInput) Unwrap() error { return b.error }

func (f *analyzeFlags) run(ctx context.Context, files []string) error {
	switch {
	case f.twoSided():
		return f.compare(ctx)
	case f.live():
		return f.watch(ctx)
	case f.packets:
		return f.list(ctx, files)
	}
	a := &analysis{flags: f, files: files}
	if err := a.openSinks(); err != nil {
		return err
	}
	defer a.closeSinks()
	file, err := trace.Open(files...)
	if err != nil {
		return badInput{err}
	}
	defer file.Close()
	a.input = file
	progress := newProgress(file.Position)
	a.report, a.partial = file.Analyze(ctx, f.options(), a.connection)
	progress.end()
	return a.end()
}

func (f *analyzeFlags) options() trace.Options {
	o := trace.Options{Midway: true, TCP: f.tcp}
	o.Brief = !f.json && !f.ndjson && f.html == "" && len(f.selectors) == 0
	if f.html != "" || f.svg != "" {
		o.Chart = chartBuckets
	}
	return o
}

// chartBuckets is how many points in time a graph has.
const chartBuckets = 400

func (f *analyzeFlags) chosen(c *trace.Connection) bool {
	for _, selector := range f.selectors {
		if selector.Match(c) {
			return true
		}
	}
	return len(f.selectors) == 0
}

// maxOthers is how many connections are named when none is the one asked for.
const maxOthers = 8

func (a *analysis) connection(c *trace.Connection) {
	if !a.flags.chosen(c) {
		if len(a.others) < maxOthers {
			a.others = append(a.others, fmt.Sprintf("%d (%v)", c.ID, c.Tokens.Server))
		}
		return
	}
	a.found++
	for _, sink := range a.sinks {
		if a.err == nil {
			a.err = sink.connection(c)
		}
	}
}

// end has the results told, and says what the exit code is.
func (a *analysis) end() error {
	if a.err == nil && a.found == 0 && len(a.flags.selectors) > 0 {
		a.err = a.notFound()
	}
	for _, sink := range a.sinks {
		if a.err == nil {
			a.err = sink.end(a)
		}
	}
	switch {
	case a.err != nil:
		return a.err
	case a.partial != nil && errors.Is(a.partial, context.Canceled):
		return a.partial
	case a.partial != nil:
		return badInput{a.partial}
	}
	return a.unmet()
}

func (a *analysis) notFound() error {
	fmt.Fprintf(os.Stderr, "allroads: no connection is %s", strings.Join(a.flags.connections, " or "))
	if len(a.others) > 0 {
		fmt.Fprintf(os.Stderr, "; there are %s", strings.Join(a.others, ", "))
	}
	fmt.Fprintln(os.Stderr)
	return status(exitNo)
}

// about is what there is to say besides what the packets say.
func (a *analysis) about() summary.About {
	stats := a.input.Stats()
	files := slices.Clone(a.files)
	for i, name := range files {
		if name == "-" {
			files[i] = "standard input"
		}
	}
	about := summary.About{
		Files: files, Interfaces: a.input.Interfaces(), Start: stats.Start, End: stats.End,
		OutOfOrder: stats.OutOfOrder, Untimed: stats.Untimed,
	}
	if a.partial != nil {
		about.Partial = oneLine(a.partial)
	}
	return about
}
