package daemon

import (
	"context"
	"fmt"
	"time"

	"allroads/internal/config"
	"allroads/internal/control"

	"github.com/coreos/go-systemd/v22/daemon"
)

// hangup reloads for SIGHUP, as systemd wants to hear of it (Type=notify-reload).
func (s *server) hangup(ctx context.Context) {
	notify(reloading + "\n" + daemon.SdNotifyMonotonicUsec())
	if _, err := s.Reload(ctx); err == nil {
		notify(readyNow + "\n" + s.summary())
		return
	}
	notify(readyNow + "\nSTATUS=The new configuration has a mistake: the old one holds")
}

// Reload reads the configuration, and where all of it is right, has the workers take it.
func (s *server) Reload(ctx context.Context) (control.Reloaded, error) {
	s.changes.Lock()
	defer s.changes.Unlock()
	c, read, err := s.files.load()
	if err != nil {
		s.refuse(err)
		return control.Reloaded{}, err
	}
	before := s.accept(c, read)
	changes := config.Difference(before, c)
	s.log.Info("configuration loaded", "files", read, "changes", len(changes))
	for _, w := range s.all() {
		w.ask(ctx, func() { w.configure(c) })
	}
	s.placeNow()
	wake(s.reloaded)
	for _, change := range changes {
		s.stream.Publish(control.Event{Time: time.Now(), Kind: "reload", Text: change})
	}
	return control.Reloaded{Files: read, Changes: changes}, nil
}

// refuse keeps the error for those who ask for the status.
func (s *server) refuse(err error) {
	s.mutex.Lock()
	s.failure, s.failed = err, time.Now()
	s.mutex.Unlock()
	s.log.Error("configuration refused: the old one holds", "error", err)
	s.stream.Publish(control.Event{Time: time.Now(), Kind: "error", Text: fmt.Sprintf("configuration refused: %v", err), Why: "the old one holds"})
}

func (s *server) accept(c *config.Config, read []string) (before *config.Config) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	before = s.config
	s.config, s.read, s.loaded, s.failure = c, read, time.Now(), nil
	return before
}

// configure makes another configuration hold, in the worker's goroutine.
func (w *worker) configure(c *config.Config) {
	now := time.Now()
	w.config = c
	w.tries.changed(now)
	w.refresh(now)
	w.manages.configured(now)
}
