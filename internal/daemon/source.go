package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"

	"allroads/internal/api"
	"allroads/internal/control"
	"allroads/pathmanager"
)

// Events is where everything is published.
func (s *server) Events() *api.Stream { return s.stream }

// Status is what holds now.
func (s *server) Status() control.Status {
	status := control.Status{Version: release(), PID: os.Getpid(), Started: s.started, Config: s.configState()}
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	for _, w := range s.all() {
		var one control.Namespace
		if !w.ask(ctx, func() { one = w.status() }) {
			one = control.Namespace{Name: w.worker.place.name, Error: new("its worker does not answer")}
		}
		status.Namespaces = append(status.Namespaces, one)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, t := range s.troubles {
		status.Namespaces = append(status.Namespaces, control.Namespace{Name: t.name, Error: new(t.err.Error())})
	}
	return status
}

func (s *server) configState() control.ConfigState {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	state := control.ConfigState{Files: s.read, Loaded: s.loaded}
	if s.failure != nil {
		failed := s.failed
		state.Error, state.Failed = new(s.failure.Error()), &failed
	}
	return state
}

// Paths are the connections of all namespaces.
func (s *server) Paths() (paths control.Paths, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	for _, w := range s.all() {
		var some []control.Connection
		if !w.ask(ctx, func() { some = w.manages.list() }) && ctx.Err() != nil {
			return control.Paths{}, fmt.Errorf("connections of namespace %s: %w", w.worker.place.name, api.ErrBusy)
		}
		paths.Connections = append(paths.Connections, some...)
	}
	return paths, nil
}

// Story is that of one connection, in whichever namespace, or in the one that is named.
func (s *server) Story(namespace, word string) (control.Story, error) {
	token, err := pathmanager.ParseToken(word)
	if err != nil {
		return control.Story{}, errors.Join(err, api.ErrUnknown)
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	var stories []control.Story
	unknown := api.ErrUnknown
	for _, w := range s.all() {
		if namespace != "" && namespace != w.worker.place.name {
			continue
		}
		var story control.Story
		var known bool
		if !w.ask(ctx, func() { story, known = w.manages.story(token) }) && ctx.Err() != nil {
			unknown = api.ErrBusy
		} else if known {
			stories = append(stories, story)
		}
	}
	switch len(stories) {
	case 0:
		return control.Story{}, fmt.Errorf("connection %s: %w", token, unknown)
	case 1:
		return stories[0], nil
	}
	return control.Story{}, fmt.Errorf("connection %s: %w", token, api.ErrAmbiguous)
}
