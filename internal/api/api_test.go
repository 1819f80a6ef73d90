package api

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"allroads/internal/control"
)

// source is a daemon without a network.
type source struct {
	stream *Stream
	reload func(context.Context) (control.Reloaded, error)
	busy   atomic.Bool
}

func newSource() *source { return &source{stream: NewStream(64)} }

func (s *source) Status() control.Status {
	reason := "for <a default route> & more"
	return control.Status{Version: "v9", PID: 7, Namespaces: []control.Namespace{{Name: "host", Mode: "kernel",
		Addresses: []control.Address{{Address: "192.0.2.1/24", Reason: &reason}}}}}
}

func (s *source) Paths() (control.Paths, error) {
	if s.busy.Load() {
		return control.Paths{}, ErrBusy
	}
	return control.Paths{Connections: []control.Connection{{Namespace: "host", Token: "83119fc5"}}}, nil
}

func (s *source) Story(namespace, token string) (control.Story, error) {
	switch {
	case s.busy.Load():
		return control.Story{}, fmt.Errorf("connection %s: %w", token, ErrBusy)
	case token == "83119fc5" && (namespace == "" || namespace == "a b"):
		return control.Story{Connection: control.Connection{Namespace: namespace, Token: token}}, nil
	case token == "00000002":
		return control.Story{}, fmt.Errorf("token %s: %w", token, ErrAmbiguous)
	case token == "odd":
		return control.Story{}, errors.New("not a token")
	}
	return control.Story{}, fmt.Errorf("token %s: %w", token, ErrUnknown)
}

func (s *source) Reload(ctx context.Context) (control.Reloaded, error) {
	if s.reload != nil {
		return s.reload(ctx)
	}
	return control.Reloaded{Changes: []string{"mode: kernel, was auto"}}, nil
}

func (s *source) Events() *Stream { return s.stream }

// served is a source behind a socket.
type served struct {
	*source
	*Listener
	client *control.Client
	end    func() error
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// folder is one that other users can enter.
func folder(t testing.TB) string {
	t.Helper()
	path, err := os.MkdirTemp("", "allroads-api-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(path) })
	must(t, os.Chmod(path, 0o755))
	return path
}

func serve(t testing.TB, group string, options Options) *served {
	t.Helper()
	return serveSource(t, group, options, nil)
}

// serveSource serves a source other than that of served.
func serveSource(t testing.TB, group string, options Options, other Source) *served {
	t.Helper()
	l, err := Listen(filepath.Join(folder(t), "control.sock"), group)
	must(t, err)
	options.Version = "v9"
	ctx, cancel := context.WithCancel(context.Background())
	s := &served{source: newSource(), Listener: l, client: &control.Client{Socket: l.path}}
	if other == nil {
		other = s.source
	}
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, other, options) }()
	s.end = func() error {
		cancel()
		select {
		case err := <-ended:
			ended <- err
			return err
		case <-time.After(10 * time.Second):
			return errors.New("it does not end")
		}
	}
	t.Cleanup(func() { must(t, s.end()) })
	return s
}

func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !so(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not so: %s", what)
		}
	}
}
