package ipmptcp

import (
	"bufio"
	"context"
	"io"

	"allroads/pathmanager"
)

// Parsers of words that anybody may type.
var (
	ParseAddress  = parseAddress
	ParseEnd      = parseEnd
	ParseNumber   = number
	FormatAddress = formatAddress
	EventNames    = eventNames
)

// ParseFilter reads conditions as --filter does.
func ParseFilter(conditions string) error { return new(filter).parse(conditions) }

// Follow prints events from anywhere as a monitor with the given words does.
func Follow(events pathmanager.EventSource, args []string, stdout, stderr io.Writer) int {
	s := &session{ctx: context.Background(), stdout: stdout, out: bufio.NewWriter(stdout), stderr: stderr, native: true}
	defer s.close()
	line, err := s.options(args)
	if err != nil {
		return s.report(err)
	}
	scope, err := s.parseScope(&words{list: line})
	if err != nil {
		return s.report(err)
	}
	view := eventView{session: s, palette: s.palette(), array: arrayWriter{pretty: s.style.pretty}}
	return s.report(s.follow(events, &view, scope.filter))
}
