package daemon

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"allroads/internal/config"
)

// Why a namespace is not managed.
var (
	errMissing = errors.New("there is no such namespace now")
	errTaken   = errors.New("stop one of them, or give each namespaces of its own")
)

// place has a worker in each namespace that is to be managed, and none in others.
func (s *server) place() {
	s.changes.Lock()
	defer s.changes.Unlock()
	s.placeNow()
}

func (s *server) placeNow() {
	targets, missing := findTargets(wordsOr(s.namespaces, s.current()))
	for _, w := range s.all() {
		if !slices.ContainsFunc(targets, func(t target) bool { return t.inode == w.worker.place.inode }) {
			w.log.Info("namespace left", "why", "it is gone, or not to be managed any more")
			s.end(w)
		}
	}
	var troubles []trouble
	for _, name := range missing {
		troubles = append(troubles, trouble{name, errMissing})
	}
	for _, t := range targets {
		if err := s.start(t); err != nil {
			troubles = append(troubles, trouble{t.name, err})
		}
	}
	s.tell(troubles)
	for _, w := range s.all() {
		<-w.worker.ready
	}
}

// tell logs troubles that are new.
func (s *server) tell(troubles []trouble) {
	s.mutex.Lock()
	before := s.troubles
	s.troubles = troubles
	s.mutex.Unlock()
	for _, t := range troubles {
		known := slices.ContainsFunc(before, func(b trouble) bool { return b.name == t.name && b.err.Error() == t.err.Error() })
		if !known {
			s.log.Warn("namespace not managed", "namespace", t.name, "error", t.err)
		}
	}
}

func (s *server) current() *config.Config {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.config
}

// start begins a worker, unless there is one.
func (s *server) start(t target) error {
	s.mutex.Lock()
	known := s.workers[t.inode] != nil
	s.mutex.Unlock()
	if known {
		return nil
	}
	p, err := openPlace(t.name, t.file)
	if err != nil {
		return err
	}
	w, err := s.newWorker(p)
	if err != nil {
		p.close()
		return err
	}
	s.run1(w)
	return nil
}

// newWorker opens all that a worker needs.
func (s *server) newWorker(p *place) (*worker, error) {
	hold, warning, err := p.alone()
	if err != nil {
		return nil, err
	}
	w := &worker{
		place: p, hold: hold, book: s.book, stream: s.stream, config: s.current(),
		log: s.log.With("namespace", p.name), questions: make(chan func()),
		ready: make(chan struct{}), over: make(chan struct{}), news: newNews(), tries: tries{},
	}
	if warning != "" {
		w.log.Warn(warning)
	}
	if err := w.open(context.Background()); err != nil {
		if hold != nil {
			hold.Close()
		}
		return nil, err
	}
	w.metered = watchMetered(p, w.news)
	return w, nil
}

// open opens the sockets, and reads what was done here before.
func (w *worker) open(ctx context.Context) (err error) {
	if w.record, err = w.book.read(w.place); err != nil {
		return err
	}
	if w.system, err = w.place.open(ctx); err != nil {
		return err
	}
	w.max = maxEndpoints(ctx, w.system.paths)
	w.picture = w.system.network.Picture()
	return nil
}

// run1 starts the goroutines of a worker: two that work, and two that only hear.
func (s *server) run1(w *worker) {
	ctx, stop := context.WithCancel(context.Background())
	s.mutex.Lock()
	s.workers[w.place.inode] = &running{w, stop}
	s.mutex.Unlock()
	go w.news.observe(ctx, w.system.network)
	go w.listen(ctx)
	go w.system.watch.run(ctx)
	go w.run(ctx)
}

// sortWorkers puts the host's first, then goes by names.
func sortWorkers(all []*running) {
	slices.SortFunc(all, func(a, b *running) int {
		x, y := a.worker.place, b.worker.place
		if (x.ns == nil) != (y.ns == nil) {
			if x.ns == nil {
				return -1
			}
			return 1
		}
		return strings.Compare(x.name, y.name)
	})
}

// summary is what systemctl status shows.
func (s *server) summary() string {
	all := s.all()
	names := make([]string, 0, len(all))
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	for _, w := range all {
		mode := config.Mode("busy")
		w.ask(ctx, func() { mode = w.mode })
		names = append(names, fmt.Sprintf("%s (%s)", w.worker.place.name, mode))
	}
	if len(names) == 0 {
		return "STATUS=No namespace is managed now"
	}
	return "STATUS=Managing " + strings.Join(names, ", ")
}
