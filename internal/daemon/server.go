package daemon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"allroads/internal/api"
	"allroads/internal/config"
	"allroads/internal/control"
)

// options are what a daemon is started with.
type options struct {
	files      files
	socket     string
	state      string
	namespaces []string // "": those of the configuration
	log        *slog.Logger
}

// server is all of allroadsd: the configuration, a worker for each namespace, and the
// control API.
type server struct {
	options
	book    *book
	stream  *api.Stream
	started time.Time
	changes sync.Mutex // one change of the configuration, or of the workers, at a time

	reloaded chan struct{} // full where it is to be looked for namespaces

	mutex    sync.Mutex
	config   *config.Config
	read     []string // files
	loaded   time.Time
	failure  error // why a later configuration was refused
	failed   time.Time
	workers  map[uint64]*running // by inode
	troubles []trouble
}

// running is a worker with what ends it.
type running struct {
	*worker
	stop context.CancelFunc
}

// trouble is a namespace that is to be managed, and cannot be.
type trouble struct {
	name string
	err  error
}

// eventsKept is how many events those who begin to follow them are told of.
const eventsKept = 1024

// serve runs allroadsd until the context ends.
func serve(ctx context.Context, o options) error {
	hangups, unhook := onHangup() // From the first moment on: a SIGHUP that nobody waits for kills.
	defer unhook()
	c, read, err := o.files.load()
	if err != nil {
		return err
	}
	book, err := openBook(o.state)
	if err != nil {
		return err
	}
	s := &server{
		options: o, book: book, stream: api.NewStream(eventsKept), started: time.Now(),
		config: c, read: read, loaded: time.Now(), workers: map[uint64]*running{}, reloaded: make(chan struct{}, 1),
	}
	listener, err := api.Listen(o.socket, control.Group)
	if err != nil {
		return err
	}
	defer listener.Close()
	return s.run(ctx, listener, hangups)
}

// run begins the workers, tells that they are ready, and goes on until the context ends.
func (s *server) run(ctx context.Context, listener *api.Listener, hangups <-chan os.Signal) error {
	defer s.stopAll()
	if err := s.begin(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	serving, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { ended <- api.Serve(serving, listener, s, api.Options{Version: release(), Log: s.log}) }()
	s.ready()
	err := s.wait(ctx, ended, hangups)
	notify(stopping)
	s.log.Info("stopping")
	s.stopAll()
	return err
}

// begin starts the first workers. Where another allroadsd is in a namespace that was named,
// or where none of them can work, that is the end.
func (s *server) begin() error {
	s.place()
	named := !slices.Contains(wordsOr(s.namespaces, s.current()), config.AllWithMPTCP)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var all []error
	for _, t := range s.troubles {
		if named && errors.Is(t.err, errTaken) {
			return t.err
		}
		all = append(all, fmt.Errorf("namespace %s: %w", t.name, t.err))
	}
	if len(s.workers) == 0 && len(all) > 0 && !s.mayCome() {
		return errors.Join(all...)
	}
	return nil
}

// mayCome tells whether the namespaces that are missing are just not there yet.
func (s *server) mayCome() bool {
	for _, t := range s.troubles {
		if !errors.Is(t.err, errMissing) {
			return false
		}
	}
	return true
}

// ready tells that the kernel is equal to policy, in all namespaces that there are.
func (s *server) ready() {
	s.log.Info("ready", "version", release(), "namespaces", len(s.workers), "socket", s.socket, "files", s.read)
	notify(readyNow + "\n" + s.summary())
}

// wait does what is to be done from time to time, until the context or the API ends.
func (s *server) wait(ctx context.Context, ended <-chan error, hangups <-chan os.Signal) error {
	watchdog, stop := newWatchdog()
	defer stop()
	namespaces := newNamespaces(s)
	defer namespaces.close()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-ended:
			return fmt.Errorf("serve the control API: %w", err)
		case <-hangups:
			s.hangup(ctx)
		case <-s.reloaded:
			namespaces.changed()
		case <-watchdog:
			s.bark(ctx)
		case <-namespaces.noted:
			namespaces.changed()
		case <-namespaces.alarm.rings():
			s.place()
			namespaces.looked(s)
		}
	}
}

// all returns the workers, the host's first.
func (s *server) all() (all []*running) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for _, w := range s.workers {
		all = append(all, w)
	}
	sortWorkers(all)
	return all
}

func (s *server) stopAll() {
	for _, w := range s.all() {
		w.stop()
	}
	for _, w := range s.all() {
		s.end(w)
	}
}

// end waits until a worker is over, and closes what it had.
func (s *server) end(w *running) {
	w.stop()
	<-w.over
	w.system.close()
	if w.metered != nil {
		w.metered.Close()
	}
	if w.hold != nil {
		w.hold.Close()
	}
	w.place.close()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.workers, w.place.inode)
}
