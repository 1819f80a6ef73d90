package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"allroads/internal/netns"
	"allroads/lab"
)

// server is a lab that is up, and serves.
type server struct {
	about    About
	folder   folder
	network  *lab.Lab
	names    *lab.Names // nil without names for ip-netns(8)
	end      context.CancelFunc
	ctx      context.Context // until the lab goes down
	clients  sync.WaitGroup
	mu       sync.Mutex
	sessions map[int]Session
}

// Serve is the program that is a lab: it builds it, says so to the client at its
// standard input, and serves until it is asked to go down, by a client or by
// SIGTERM. When that client goes away before it has said that the lab is to stay,
// the lab goes with it.
func Serve() error {
	signal.Ignore(syscall.SIGINT, syscall.SIGHUP)
	ctx, end := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer end()
	starter, err := connOf(os.Stdin)
	if err != nil {
		return fmt.Errorf("%w: `allroads lab up` starts this", err)
	}
	defer starter.close()
	var start startMessage
	if _, err := starter.accept(&start); err != nil {
		return err
	}
	s := &server{folder: start.Folder, ctx: ctx, end: end, sessions: map[int]Session{}}
	if err := s.run(starter, &start); err != nil {
		return errors.Join(err, starter.send(&reply{Error: err.Error()}))
	}
	return nil
}

func (s *server) run(starter *conn, start *startMessage) error {
	name := start.Topology.Name
	if err := errors.Join(s.folder.forget(), lab.Clean()); err != nil {
		return err
	}
	listener, err := s.folder.listen(name)
	if err != nil {
		return fmt.Errorf("start lab %s: %w", name, err)
	}
	defer s.folder.leave(name, listener)
	stays := s.awaitWord(starter)
	if err := s.build(start); err != nil {
		return err
	}
	defer s.close()
	if err := starter.send(&reply{About: s.aboutNow()}); err != nil || !<-stays {
		return nil // There is nobody to tell.
	}
	go s.accept(listener)
	<-s.ctx.Done()
	return nil
}

// awaitWord ends the lab when its starter ends without a word.
func (s *server) awaitWord(starter *conn) <-chan bool {
	stays := make(chan bool, 1)
	go func() {
		err := starter.receive(&word{})
		if err != nil {
			s.end()
		}
		stays <- err == nil
	}()
	return stays
}

func (s *server) build(start *startMessage) (err error) {
	s.network, err = lab.Up(s.ctx, start.Topology, lab.Options{Changeable: true})
	if err != nil {
		return err
	}
	if !netns.Inside() {
		if s.names, err = s.network.Publish(); err != nil {
			s.network.Close()
			return err
		}
	}
	s.about = About{
		Name: start.Topology.Name, File: start.File, Links: len(start.Topology.Links),
		Since: time.Now().UnixNano(), Pid: os.Getpid(), Watcher: os.Getppid(), Hosts: s.network.Names(),
	}
	if s.names != nil {
		s.about.Names = s.names.All()
	}
	return nil
}

func (s *server) close() {
	s.clients.Wait()
	_ = s.network.Close()
	if s.names != nil {
		s.names.Remove()
	}
}

// leave gives a lab's name up.
func (f folder) leave(name string, listener *net.UnixListener) {
	_ = f.locked(func() error {
		listener.Close()
		return os.Remove(f.socket(name))
	})
}

func (s *server) accept(listener *net.UnixListener) {
	for {
		c, err := listener.AcceptUnix()
		if err != nil {
			s.end() // Without its socket nobody could end it.
			return
		}
		s.clients.Go(func() { s.serve(newConn(c)) })
	}
}

func (s *server) serve(c *conn) {
	defer c.close()
	if err := c.sameUser(); err != nil {
		return
	}
	var r request
	files, err := c.accept(&r)
	if err != nil {
		return
	}
	defer closeAll(files)
	answer, err := s.handle(c, &r, files)
	if err != nil {
		answer = &reply{Error: err.Error()}
	}
	_ = c.send(answer) // A client that has gone needs none.
}

func (s *server) handle(c *conn, r *request, files []*os.File) (*reply, error) {
	switch r.Op {
	case "about":
		return &reply{About: s.aboutNow()}, nil
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
	case "down":
		s.end()
		return &reply{About: s.aboutNow()}, nil
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

func (s *server) capture(c *conn, links []string, files []*os.File) (*reply, error) {
	if len(files) != 1 {
		return nil, errors.New("capture: wanted one file")
	}
	capture, err := s.network.Capture(files[0], links...)
	if err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		_ = c.receive(&word{}) // A word ends it, and so does having none to expect.
		close(ended)
	}()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	if err := c.send(&reply{}); err != nil { // It has begun.
		return nil, errors.Join(err, stopErr(capture))
	}
	for {
		select {
		case <-tick.C:
			_ = c.send(&reply{Packets: capture.Packets()})
			continue
		case <-ended:
		case <-s.ctx.Done():
		case <-capture.Done():
		}
		dropped, err := capture.Stop()
		return &reply{Packets: capture.Packets(), Dropped: dropped, Done: true}, err
	}
}

func stopErr(capture *lab.Capture) error {
	_, err := capture.Stop()
	return err
}
