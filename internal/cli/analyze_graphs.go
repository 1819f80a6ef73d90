package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"time"

	"allroads/internal/page"
	"allroads/internal/summary"
	"allroads/trace"
)

// openGraphs makes who writes files with graphs.
func (a *analysis) openGraphs() error {
	for _, one := range []struct {
		path string
		make func(file *output) sink
	}{
		{a.flags.html, func(file *output) sink {
			return &htmlSink{file: file, summary: summary.New(summary.Options{Width: 100, Unicode: true})}
		}},
		{a.flags.svg, func(file *output) sink { return &svgSink{file: file, graph: a.flags.graph} }},
	} {
		if one.path == "" {
			continue
		}
		file, err := createOutput(one.path)
		if err != nil {
			return fmt.Errorf("write graphs: %w", err)
		}
		a.sinks = append(a.sinks, one.make(file))
	}
	return nil
}

// closeSinks closes files, and removes what is not whole.
func (a *analysis) closeSinks() {
	for _, one := range a.sinks {
		switch s := one.(type) {
		case *htmlSink:
			s.file.close(s.written)
		case *svgSink:
			s.file.close(s.written)
		}
	}
}

// maxShown is how many connections have graphs on a page: those with the most data.
const maxShown = 200

// htmlSink writes a page when all is known.
type htmlSink struct {
	file    *output
	written bool
	summary *summary.Summary
	kept    []*trace.Connection
	hidden  int
}

func volume(c *trace.Connection) uint64 { return c.ToServer.Bytes + c.ToClient.Bytes }

func (s *htmlSink) connection(c *trace.Connection) error {
	s.summary.Add(c)
	s.kept = append(s.kept, c.Clone())
	if len(s.kept) >= 2*maxShown {
		s.trim()
	}
	return nil
}

// trim keeps the connections with the most data.
func (s *htmlSink) trim() {
	slices.SortStableFunc(s.kept, func(a, b *trace.Connection) int { return cmp.Compare(volume(b), volume(a)) })
	if more := len(s.kept) - maxShown; more > 0 {
		s.hidden += more
		clear(s.kept[maxShown:])
		s.kept = s.kept[:maxShown]
	}
}

func (s *htmlSink) end(a *analysis) error {
	s.trim()
	slices.SortFunc(s.kept, func(a, b *trace.Connection) int { return cmp.Compare(a.ID, b.ID) })
	var text bytes.Buffer
	if err := s.summary.Write(&text, a.about(), a.report); err != nil {
		return err
	}
	p := page.Page{Files: a.files, Summary: text.String(), Report: a.report, Hidden: s.hidden, Generated: time.Now()}
	for _, c := range s.kept {
		p.Connections = append(p.Connections, *c)
	}
	if err := page.Write(s.file, &p); err != nil {
		return err
	}
	s.written = true
	return nil
}

// svgSink writes a graph of one connection: the one that was asked for, or the one
// with the most data.
type svgSink struct {
	file    *output
	written bool
	graph   string
	most    *trace.Connection
}

func (s *svgSink) connection(c *trace.Connection) error {
	if s.most == nil || volume(c) > volume(s.most) {
		s.most = c.Clone()
	}
	return nil
}

func (s *svgSink) end(a *analysis) error {
	if s.most == nil {
		fmt.Fprintln(os.Stderr, "allroads: there is no connection to draw")
		return status(exitNo)
	}
	if err := page.Graph(s.file, s.most, s.graph, page.Size{}); err != nil {
		return err
	}
	s.written = true
	return nil
}
