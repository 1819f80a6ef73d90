package watch

import (
	"net/netip"
	"time"

	"allroads/mptcp"
)

// Key names a socket that is watched; 0: it is not.
type Key uint64

// most is how many sockets are watched at once.
const most = 4096

// stage is how far a socket has come, by what was last seen of it.
type stage uint8

const (
	free stage = iota
	prepared
	unconnected
	connecting
	failed // a connect() that came to nothing; the next may not
	listening
	connected
)

// socket is what is known of one that is watched.
type socket struct {
	generation uint32
	stage      stage
	pace       pace
	events     uint8 // that came, since it was registered
	armed      bool  // it is registered
	early      bool  // an event came before it was known whose the socket is
	touched    bool  // an event said that it had connected
	refused    bool  // an event said that it could not
	again      bool  // a connection of it has been counted, and it has no other
	gone       bool  // from where it was handed to: it is looked for by its cookie
	barred     bool  // whoever has it may not be looked into
	lost       bool  // looked for in vain; it waits for an event, or to be forgotten
	unlisted   bool  // a listener whose namespace may not be looked into

	pid, fd int32 // whose it is, and its number there
	cookie  uint64
	space   uint64 // cookie of its network namespace, 0: not known
	due     time.Time

	// Of a connection.
	fallback, explained bool
	cause               mptcp.FallbackCause
	most                uint8 // established subflows, at once
	token               uint32
	bytes               Bytes

	local netip.AddrPort // of a listener
}

// take finds a place for a socket; 0: there is none. mu is held.
func (w *Watcher) take() (Key, *socket) {
	if n := len(w.spare); n > 0 {
		i := w.spare[n-1]
		w.spare = w.spare[:n-1]
		return w.claim(i)
	}
	if len(w.sockets) < cap(w.sockets) {
		w.sockets = append(w.sockets, socket{})
		return w.claim(uint32(len(w.sockets) - 1))
	}
	return 0, nil
}

func (w *Watcher) claim(i uint32) (Key, *socket) {
	s := &w.sockets[i]
	*s = socket{generation: s.generation + 1, stage: prepared}
	w.inUse++
	return Key(s.generation)<<32 | Key(i), s
}

// at returns the socket of a key, nil when it is not watched any more. mu is held.
func (w *Watcher) at(k Key) *socket {
	i := uint32(k)
	if k == 0 || int(i) >= len(w.sockets) {
		return nil
	}
	s := &w.sockets[i]
	if s.generation != uint32(k>>32) || s.stage == free {
		return nil
	}
	return s
}

// drop forgets a socket. mu is held.
func (w *Watcher) drop(k Key) {
	if s := w.at(k); s != nil {
		s.stage = free
		w.spare = append(w.spare, uint32(k))
		w.inUse--
	}
}

// key of the socket at an index.
func (w *Watcher) key(i int) Key { return Key(w.sockets[i].generation)<<32 | Key(i) }
