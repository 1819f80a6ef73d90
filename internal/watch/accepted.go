package watch

import (
	"net/netip"

	"allroads/sockdiag"
)

// mostAccepted is how many connections of listeners are told apart at once.
const mostAccepted = 16384

// acceptedKey names a connection: MPTCP by its token, TCP by its cookie. (An MPTCP
// socket that is accepted has its listener's cookie, on Linux 6.18, if that was
// ever asked for.)
type acceptedKey struct {
	space, id uint64
	plain     bool // TCP from the start
}

// accepted is a connection that came to a listener.
type accepted struct {
	round    uint32 // of listings, in which it was last seen
	most     uint8  // established subflows, at once
	fallback bool
}

// accept notes a connection if it is one that came to a listener. looking is held.
func (w *Watcher) accept(s *search, k acceptedKey, local netip.AddrPort, a accepted) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before, known := w.accepted[k]
	if !known && !s.hasListener(local) {
		return
	}
	if !known && len(w.accepted) >= mostAccepted {
		w.listing.beyond++
		return
	}
	a.round, a.most = w.listing.round, max(a.most, before.most)
	w.accepted[k] = a
	if !known || a.most > before.most {
		w.listing.changed = true
	}
}

// cameIn reports whether a connection was accepted, and not made from this end.
func cameIn(c *sockdiag.Connection) bool {
	for i := range c.Subflows {
		if f := &c.Subflows[i]; f.Initial() {
			return f.Flags&sockdiag.CapableLocal == 0
		}
	}
	return false
}

func (s *search) hasListener(local netip.AddrPort) bool {
	for _, l := range s.listeners {
		if l.Port() == local.Port() && (l.Addr().IsUnspecified() || l.Addr() == local.Addr()) {
			return true
		}
	}
	return false
}

// foldAccepted counts connections that are there no more. mu is held.
func (w *Watcher) foldAccepted() {
	for k, a := range w.accepted {
		if a.round != w.listing.round {
			w.counts.addAccepted(k, a)
			delete(w.accepted, k)
		}
	}
}

// unlisted marks listeners of which nobody knows what they accept, and keeps what was known.
// mu is held.
func (w *Watcher) unlisted(space uint64) {
	for i := range w.sockets {
		if s := &w.sockets[i]; s.stage == listening && s.space == space {
			s.unlisted = true
		}
	}
	for k, a := range w.accepted {
		if k.space == space {
			a.round = w.listing.round
			w.accepted[k] = a
		}
	}
}

// usedSpaces are the network namespaces of all that is watched. mu is held.
func (w *Watcher) usedSpaces() map[uint64]bool {
	used := map[uint64]bool{}
	for i := range w.sockets {
		if s := &w.sockets[i]; s.stage > prepared {
			used[s.space] = true
		}
	}
	for k := range w.accepted {
		used[k.space] = true
	}
	return used
}
