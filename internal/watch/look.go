package watch

import (
	"time"

	"golang.org/x/sys/unix"
)

// happened takes an event. looking is held.
func (w *Watcher) happened(k Key, events uint32) {
	if w.takes(k, events) {
		w.look(k)
	}
}

// takes notes an event, and reports whether it calls for a look at once.
func (w *Watcher) takes(k Key, events uint32) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.at(k)
	if s == nil {
		return false
	}
	first := s.events == 0
	s.events = min(s.events, 254) + 1
	switch {
	case first && events&(unix.EPOLLHUP|unix.EPOLLERR) == unix.EPOLLHUP:
		return false // It comes at once, because the socket is not connected.
	case s.stage == prepared:
		s.early = true
		return false
	case s.stage == listening:
		// It tells again only after the next look: who comes in between is found by the
		// listing after that.
		s.pace = 0
		w.dueAt(s, time.Now().Add(s.pace.interval()))
		w.wantListing()
		return false
	}
	s.lost = false
	s.touched = s.touched || events&unix.EPOLLHUP == 0
	s.refused = s.refused || events&unix.EPOLLERR != 0
	return true
}

// look fetches a socket, asks it, and closes it. looking is held.
func (w *Watcher) look(k Key) {
	w.mu.Lock()
	s := w.at(k)
	if s == nil || s.stage == prepared {
		w.mu.Unlock()
		return
	}
	before := *s
	w.mu.Unlock()
	fd, err := w.fetchSocket(before.pid, before.fd, before.cookie)
	if err != nil {
		w.miss(k, err)
		return
	}
	defer unix.Close(fd)
	now, err := w.observe(fd, &before)
	if err != nil {
		return
	}
	if before.stage == listening && now.stage == connected {
		w.miss(k, errClosed) // It is one that was accepted, of the same cookie.
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if s = w.at(k); s != nil {
		w.learn(s, now)
		w.rearm(k, s, fd)
	}
}

// miss notes that a socket is not to be had where it was handed to.
func (w *Watcher) miss(k Key, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.at(k)
	if s == nil || err == errLater {
		return
	}
	s.gone, s.barred = true, err == errBarred
	if s.mayConnect() {
		w.lose(k, s)
	}
	w.wantListing()
}

// Look looks at everything now.
func (w *Watcher) Look() {
	w.looking.Lock()
	defer w.looking.Unlock()
	w.mu.Lock()
	n, closed := len(w.sockets), w.closed
	w.mu.Unlock()
	if closed {
		return
	}
	w.walkTrees(time.Time{})
	for i := range n {
		w.mu.Lock()
		s, k := &w.sockets[i], w.key(i)
		skip := s.stage == free || s.lost || s.gone
		w.mu.Unlock()
		if !skip {
			w.look(k)
		}
	}
	w.list()
}
