package supervisor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"time"

	"allroads/lab"
)

const (
	// requestWait is how long a client may take to say what it wants.
	requestWait = 2 * time.Second
	// lastWait is how long one may take to read what there is when the lab goes down.
	lastWait = time.Second
	// acceptWait is how long to wait for others to go, when there are too many.
	acceptWait = 10 * time.Millisecond
)

var errDown = errors.New("the lab has been taken down")

// accept serves clients until the lab goes down. Without file descriptors left
// it goes on when some are free again.
func (s *server) accept(listener *net.UnixListener) {
	for {
		c, err := listener.AcceptUnix()
		switch {
		case err == nil:
			s.clients.Go(func() { s.serve(newConn(c)) })
		case s.ctx.Err() != nil:
			return
		default:
			time.Sleep(acceptWait)
		}
	}
}

// serve answers a request. No client can keep the lab from going down.
func (s *server) serve(c *conn) {
	defer c.close()
	if c.sameUser() != nil || c.unix.SetReadDeadline(time.Now().Add(requestWait)) != nil {
		return
	}
	stop := context.AfterFunc(s.ctx, func() {
		_ = c.unix.SetReadDeadline(time.Now())
		_ = c.unix.SetWriteDeadline(time.Now().Add(hangupWait + lastWait))
	})
	defer stop()
	var r request
	files, err := c.accept(&r)
	defer closeAll(files)
	var answer *reply
	if err == nil {
		_ = c.unix.SetReadDeadline(time.Time{})
		answer, err = s.handle(c, &r, files)
	}
	if err != nil {
		answer = &reply{Error: err.Error()}
	}
	_ = c.send(answer) // A client that has gone needs none.
}

func (s *server) handle(c *conn, r *request, files []*os.File) (*reply, error) {
	switch r.Op {
	case "about":
		return &reply{About: s.aboutNow()}, nil
	case "down":
		s.end()
		return &reply{Done: true}, nil
	}
	select {
	case <-s.up:
	case <-s.ctx.Done():
		return nil, errDown
	}
	switch r.Op {
	case "state":
		state, err := s.network.State()
		return &reply{About: s.aboutNow(), State: state}, err
	case "exec":
		return s.exec(c, r.Exec, files)
	case "links":
		return &reply{Done: true}, s.checkLinks(r.Capture...)
	case "set":
		return s.set(r)
	case "capture":
		return s.capture(c, r.Capture, files)
	}
	return nil, fmt.Errorf("unknown request %q: is this another version of allroads?", r.Op)
}

func (s *server) set(r *request) (*reply, error) {
	change, err := lab.ParseChange(r.Change)
	if err == nil {
		err = s.checkLinks(r.Link)
	}
	if err == nil {
		err = s.network.Link(r.Link).Apply(change)
	}
	return &reply{Done: true}, err
}

func (s *server) checkLinks(names ...string) error {
	for _, name := range names {
		if s.network.Link(name) == nil {
			return fmt.Errorf("no link %q%s", name, s.network.LinkSuggestion(name))
		}
	}
	return nil
}

// aboutNow is About with the commands that run now.
func (s *server) aboutNow() *About {
	s.mu.Lock()
	defer s.mu.Unlock()
	about := s.about
	for _, pid := range slices.Sorted(maps.Keys(s.sessions)) {
		about.Sessions = append(about.Sessions, s.sessions[pid])
	}
	return &about
}
