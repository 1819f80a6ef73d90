package watch

import (
	"allroads/mptcp"
	"allroads/sockdiag"
)

// found learns from what is listed of a socket.
func (w *Watcher) found(k Key, c *sockdiag.Connection, space uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.at(k)
	if s == nil {
		return
	}
	s.lost = false
	o := observation{
		stage: connected, space: space, fallback: c.Info.Fallback, token: c.Info.Token,
		established: uint8(min(c.Established(), 255)), cause: s.cause, explained: s.explained, local: c.Local,
	}
	if c.Info.Traffic != nil {
		o.bytes = Bytes{c.Info.Traffic.BytesSent, c.Info.Traffic.BytesReceived}
	}
	switch c.State {
	case mptcp.StateListen:
		o.stage = listening
	case mptcp.StateSynSent, mptcp.StateSynRecv:
		o.stage = connecting
	}
	w.learn(s, o)
	if c.Inode == 0 { // Nobody has it any more.
		w.finish(k)
	}
}

// resolve decides about sockets that were not listed.
func (w *Watcher) resolve(space uint64, s *search, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range s.gone {
		switch s := w.at(k); {
		case s == nil, s.lost:
		case s.mayConnect():
			w.lose(k, s)
		default:
			w.finish(k)
		}
	}
	if err != nil {
		w.unlisted(space)
	}
}

// mayConnect reports whether a socket may connect where it is now, if it still is: then
// there is an event.
func (s *socket) mayConnect() bool {
	return s.armed && !s.touched && !s.refused && s.stage == unconnected
}

// mostLost is how many sockets are waited for of which nothing is known.
const mostLost = most / 2

// lose sets a socket aside, and forgets the one that was longest. mu is held.
func (w *Watcher) lose(k Key, s *socket) {
	s.lost = true
	if len(w.lost) == mostLost {
		if first := w.at(w.lost[0]); first != nil && first.lost {
			w.finish(w.lost[0])
		}
		w.lost = append(w.lost[:0], w.lost[1:]...)
	}
	w.lost = append(w.lost, k)
}
