package ipmptcp

import (
	"context"
	"errors"
	"strings"

	"allroads/pathmanager"
)

// scope is what a monitor is asked to show.
type scope struct {
	everywhere bool // in all namespaces that have an id in this one
	filter     filter
}

// monitor prints events until its context ends. It has joined the group before
// it prints anything, so that who has seen the beginning misses nothing.
func (s *session) monitor(line *words) error {
	scope, err := s.parseScope(line)
	if err != nil {
		return err
	}
	listener, err := pathmanager.Listen(s.ctx, s.listenOptions(scope)...)
	if err != nil {
		return s.notJoined(err)
	}
	defer listener.Close()
	stop := context.AfterFunc(s.ctx, func() { listener.Close() })
	defer stop()
	view := eventView{session: s, palette: s.palette(), array: arrayWriter{pretty: s.style.pretty}}
	if scope.everywhere {
		view.neighbours = &neighbours{ask: s.fd()}
		defer view.neighbours.close()
	}
	return s.follow(listener, &view, scope.filter)
}

func (s *session) listenOptions(scope scope) []pathmanager.Option {
	options := []pathmanager.Option{pathmanager.InNetNS(s.fd())}
	if scope.everywhere {
		options = append(options, pathmanager.AllNetNS())
	}
	if s.buffer > 0 {
		options = append(options, pathmanager.ReceiveBuffer(s.buffer))
	}
	return options
}

// follow prints each event at once.
func (s *session) follow(events pathmanager.EventSource, view *eventView, filter filter) error {
	view.begin()
	err := s.out.Flush()
	for event, failed := range events.Events() {
		if err != nil {
			break
		}
		if failed != nil {
			err = &exit{"Error: " + failed.Error() + "\n", codeListen}
			break
		}
		if filter.passes(&event) {
			view.event(&event)
			err = s.out.Flush()
		}
	}
	view.end()
	if flushed := s.out.Flush(); err == nil {
		err = flushed
	}
	return err
}

// notJoined is the error of a monitor that cannot begin. Where its context has
// ended meanwhile, that is no error.
func (s *session) notJoined(err error) error {
	var kernel *pathmanager.Error
	switch {
	case s.ctx.Err() != nil:
		return nil
	case errors.As(err, &kernel):
		text := "can't subscribe to mptcp events: " + strerror(kernel.Errno) + "\n"
		return &exit{text + s.hint(err), codeUsage}
	}
	return err
}

// parseScope reads the options of an own monitor; ip's has none.
func (s *session) parseScope(line *words) (scope scope, err error) {
	for {
		word, more := line.next()
		if !more {
			return scope, nil
		}
		name, value, given := strings.Cut(word, "=")
		switch {
		case s.native && word == "--all-namespaces":
			scope.everywhere = true
			continue
		case !s.native || name != "--filter":
			return scope, unknownCommand(word)
		case !given:
			if value, err = line.value(); err != nil {
				return scope, err
			}
		}
		if err := scope.filter.parse(value); err != nil {
			return scope, err
		}
	}
}
