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

// server is a lab that is up, or about to be, and serves.
type server struct {
	folder  folder
	network *lab.Lab
	names   *lab.Names    // nil without names for ip-netns(8)
	spaces  namespaces    // where the lab's processes live
	up      chan struct{} // closed when all of the above are set
	end     context.CancelFunc
	ctx     context.Context // until the lab goes down
	clients sync.WaitGroup

	mu       sync.Mutex
	about    About
	sessions map[int]Session
}

// Serve is the program that is a lab: it builds it, says so to the client at its
// standard input, and serves until it is asked to go down, by a client or by
// SIGTERM. When that client goes away before it has said that the lab is to stay,
// the lab goes with it. It goes with its watcher, too, whose process number it is told.
func Serve(watcher int) error {
	disregard(syscall.SIGINT, syscall.SIGHUP)
	ctx, end := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer end()
	if os.Getppid() != watcher { // The signal that tells of its end was before.
		return errors.New("its watcher has ended")
	}
	starter, err := connOf(os.Stdin)
	if err != nil {
		return fmt.Errorf("%w: `allroads lab up` starts this", err)
	}
	defer starter.close()
	var start startMessage
	if _, err := starter.accept(&start); err != nil {
		return err
	}
	s := &server{folder: start.Folder, up: make(chan struct{}), ctx: ctx, end: end, sessions: map[int]Session{}}
	if err := s.run(starter, &start); err != nil {
		return errors.Join(err, starter.send(&reply{Error: err.Error()}))
	}
	return nil
}

// disregard keeps signals from ending this process. Were they ignored, so would
// they be by the commands that it starts.
func disregard(signals ...os.Signal) { signal.Notify(make(chan os.Signal, 1), signals...) }

func (s *server) run(starter *conn, start *startMessage) error {
	s.about = About{
		Name: start.Topology.Name, File: start.File, Hosts: start.Topology.Names(),
		Links: len(start.Topology.Links), Pid: os.Getpid(), Watcher: os.Getppid(),
	}
	listener, err := s.folder.listen(s.about.Name)
	if err != nil {
		return fmt.Errorf("start lab %s: %w", s.about.Name, err)
	}
	// The name is free for others when nothing is left of this lab.
	defer s.folder.leave(s.about.Name, listener)
	defer s.close(listener)
	s.clients.Go(func() { s.accept(listener) })
	stays := s.awaitWord(starter)
	if err := s.build(start.Topology); err != nil {
		return err
	}
	if err := starter.send(&reply{About: s.aboutNow()}); err != nil || !<-stays {
		return nil // There is nobody to tell.
	}
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

func (s *server) build(topology *lab.Topology) (err error) {
	if s.network, err = lab.Up(s.ctx, topology, lab.Options{Changeable: true}); err != nil {
		return err
	}
	if !netns.Inside() {
		if s.names, err = s.network.Publish(); err != nil {
			return err
		}
	}
	if err = s.spaces.addLab(s.network); err == nil {
		err = s.folder.record(s.about.Name, &s.spaces)
	}
	if err != nil {
		return fmt.Errorf("record lab %s: %w", s.about.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.about.Since = time.Now().UnixNano()
	if s.names != nil {
		s.about.Names = s.names.All()
	}
	close(s.up)
	return nil
}

// close takes the lab down when its clients are served. Those who come now wait
// until it has gone.
func (s *server) close(listener *net.UnixListener) {
	s.end()
	_ = listener.SetDeadline(time.Now())
	s.clients.Wait()
	if s.network == nil {
		return
	}
	_ = s.network.Close()
	s.spaces.clear()
	if s.names != nil {
		s.names.Remove()
	}
}
