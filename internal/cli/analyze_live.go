package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"allroads/internal/live"
	"allroads/internal/tap"
	"allroads/trace"
)

// liveAnalysis is of packets as they come.
type liveAnalysis struct {
	*analysis
	tap      *tap.Tap
	mu       sync.Mutex // of the analyzer, and of what takes connections
	analyzer *trace.Analyzer
	stats    trace.FileStats
}

// Interfaces and Stats are what a file would tell.
func (l *liveAnalysis) Interfaces() (all []trace.Interface) {
	for _, name := range l.tap.Interfaces() {
		all = append(all, trace.Interface{Name: name, LinkType: etherLink, DropsKnown: true})
	}
	return all
}

const etherLink = 1 // LINKTYPE_ETHERNET

func (l *liveAnalysis) Stats() trace.FileStats { return l.stats }

// watch captures and tells until the context ends.
func (f *analyzeFlags) watch(ctx context.Context) error {
	filter, err := tap.ParseFilter(f.filter)
	if err != nil {
		return &usageError{err, "allroads analyze"}
	}
	l := &liveAnalysis{analysis: &analysis{flags: f, files: []string{}}, analyzer: trace.New(nil)}
	l.input = l
	if err := l.openSinks(); err != nil {
		return err
	}
	defer l.closeSinks()
	options := tap.Options{Filter: filter, Notice: func(n tap.Notice) { fmt.Fprintf(os.Stderr, "allroads: %v\n", n) }}
	if len(f.interfaces) != 1 || f.interfaces[0] != "any" {
		options.Interfaces = f.interfaces
	}
	if f.netns != "" {
		space, err := live.Find(f.netns)
		if err != nil {
			return err
		}
		defer space.NS.Close()
		options.Namespace = space.NS
	}
	if l.tap, err = tap.Open(ctx, options); err != nil {
		return err
	}
	o := f.options()
	o.ByAddress = true
	l.analyzer.Follow(o)
	l.analyzer.Yield(l.connection)
	err = l.follow()
	return errors.Join(l.end(), err, l.tap.Close())
}

// follow reads packets to the end, and shows on a terminal what there is.
func (l *liveAnalysis) follow() error {
	stop := l.show()
	err := l.read()
	stop()
	l.stats.Drops, l.stats.DropsKnown = l.tap.Drops(), true
	l.analyzer.SetDropped(l.stats.Drops)
	l.analyzer.End()
	l.report = l.analyzer.Report()
	return err
}

func (l *liveAnalysis) read() error {
	var p trace.Packet
	known := 0
	for {
		if err := l.tap.Next(&p); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		l.mu.Lock()
		if p.Interface >= known {
			names := l.tap.Interfaces()
			known = len(names)
			l.analyzer.Rename(names)
		}
		if l.stats.Packets++; l.stats.Packets == 1 {
			l.stats.Start = p.Time
		}
		l.stats.End = p.Time
		l.analyzer.Add(&p)
		l.mu.Unlock()
	}
}

// showEvery is how often a terminal gets a new look.
const showEvery = time.Second

// show has a terminal show what there is, until stop is called.
func (l *liveAnalysis) show() (stop func()) {
	printed, isSummary := l.sinks[len(l.sinks)-1].(summarySink)
	if !isSummary || !printed.out.terminal() {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(showEvery)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				printed.out.printf(clearScreen)
				return
			case <-ticker.C:
				printed.out.printf("%s%s", clearScreen, l.look(printed))
			}
		}
	}()
	return func() { close(quit); <-done }
}

const clearScreen = "\x1b[H\x1b[J"

// look is the summary of all connections, also of those that are not over.
func (l *liveAnalysis) look(printed summarySink) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	page := printed.Clone()
	report := l.analyzer.Report()
	for i := range report.Connections {
		page.Add(&report.Connections[i])
	}
	var text bytes.Buffer
	if err := page.Write(&text, l.about(), report); err != nil {
		return err.Error()
	}
	return text.String()
}
