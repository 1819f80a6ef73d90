package watch

import "time"

// learn brings what is known of a socket up to date. mu is held.
func (w *Watcher) learn(s *socket, o observation) {
	if s.stage == connected && (o.stage != connected || o.token != s.token && o.token != 0 && s.token != 0) {
		w.again(s)
	}
	s.space = o.space
	switch o.stage {
	case connected:
		w.learnConnected(s, o)
	case listening:
		if s.stage != listening {
			s.pace = 0
		}
		s.stage, s.local = listening, o.local
	case unconnected:
		// A refused connect() leaves the port that it took.
		if s.stage == connecting || o.bound && (s.events > 1 || s.refused) {
			s.stage = failed
		} else if s.stage != failed {
			s.stage = unconnected
		}
	default:
		s.stage = o.stage
	}
}

func (w *Watcher) learnConnected(s *socket, o observation) {
	if s.stage != connected {
		s.pace = 0
		w.dueAt(s, time.Now().Add(s.pace.interval()))
	}
	s.stage, s.again = connected, false
	s.fallback = s.fallback || o.fallback
	s.cause, s.explained = o.cause, o.explained
	if o.fallback {
		return
	}
	s.token, s.most = o.token, max(s.most, o.established)
	if o.bytes != (Bytes{}) {
		s.bytes = o.bytes
	}
}

// again counts a connection of a socket that may make another one. mu is held.
func (w *Watcher) again(s *socket) {
	w.counts.add(s)
	*s = socket{
		generation: s.generation, stage: unconnected, again: true, armed: s.armed,
		pid: s.pid, fd: s.fd, cookie: s.cookie, space: s.space, due: s.due,
	}
}

// rearm has the kernel tell what can happen next: of a connection nothing, of a listener
// that somebody came, once until the next look. mu is held.
func (w *Watcher) rearm(k Key, s *socket, fd int) {
	switch s.stage {
	case connected:
		w.disarm(s, fd)
	case listening:
		w.arm(k, s, fd, ofListener)
	default:
		if !s.armed {
			w.arm(k, s, fd, ofConnect)
		}
	}
}

// finish counts a socket for good. mu is held.
func (w *Watcher) finish(k Key) {
	if s := w.at(k); s != nil {
		if (s.stage == connecting || s.stage == unconnected && s.refused) && !s.touched {
			s.stage = failed
		}
		w.counts.add(s)
		w.drop(k)
	}
}
