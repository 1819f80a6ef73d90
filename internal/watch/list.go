package watch

import (
	"context"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"allroads/sockdiag"
)

// listing is when sock_diag is asked for all connections.
type listing struct {
	wanted bool
	from   time.Time // not before, or it would take too much of a CPU
	next   time.Time // because of accepted connections
	pace   pace
	round  uint32
	// changed says that a connection or subflow was accepted since the listing before.
	changed bool
	beyond  int // accepted connections for which there was no room, in one listing
}

// Listings take a fiftieth of a CPU at most.
const rest = 50

// listIfDue lists connections if that was asked for. looking is held.
func (w *Watcher) listIfDue(now time.Time) {
	w.mu.Lock()
	l := &w.listing
	due := l.wanted || len(w.accepted) > 0 && !now.Before(l.next)
	switch {
	case due && now.Before(l.from):
		due = false
		w.by(l.from)
	case len(w.accepted) > 0 && now.Before(l.next):
		w.by(l.next)
	}
	w.mu.Unlock()
	if due {
		w.list()
	}
}

// wantListing asks for one, as soon as may be. mu is held.
func (w *Watcher) wantListing() {
	w.listing.wanted = true
	w.by(w.listing.from)
}

// search is what is looked for in a namespace.
type search struct {
	gone      map[uint64]Key // by cookie
	listeners []netip.AddrPort
}

// list looks for sockets that are not where they were, and for what listeners have
// accepted. looking is held.
func (w *Watcher) list() {
	begin := computed()
	searches := w.searches()
	for cookie, s := range searches {
		err := w.listSpace(w.spaces.ofCookie(cookie), cookie, s)
		w.resolve(cookie, s, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.foldAccepted()
	if w.listing.changed {
		w.listing.pace = 0
	}
	end := time.Now()
	w.listing.wanted, w.listing.changed = false, false
	w.listing.from = end.Add(max(intervals[0], rest*(computed()-begin)))
	w.listing.next = end.Add(w.listing.pace.interval())
	if len(w.accepted) > 0 {
		w.by(w.listing.next)
	}
	w.spaces.keep(w.usedSpaces())
}

// computed is how long this process has computed: on a busy machine, a listing lasts
// much longer than that.
func computed() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// searches says what to look for, by the cookie of the namespace.
func (w *Watcher) searches() map[uint64]*search {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listing.round++
	w.listing.beyond = 0
	searches := map[uint64]*search{}
	in := func(space uint64) *search {
		if space == 0 {
			space = w.spaces.own
		}
		if searches[space] == nil {
			searches[space] = &search{gone: map[uint64]Key{}}
		}
		return searches[space]
	}
	for i := range w.sockets {
		s := &w.sockets[i]
		if s.stage > prepared && s.gone {
			in(s.space).gone[s.cookie] = w.key(i)
		}
		if s.stage == listening {
			in(s.space).listeners = append(in(s.space).listeners, s.local)
		}
	}
	for k := range w.accepted {
		in(k.space)
	}
	return searches
}

// listSpace goes through the connections of a namespace.
func (w *Watcher) listSpace(in *space, cookie uint64, s *search) error {
	if in == nil {
		return errTooManySpaces
	}
	if in.err != nil {
		return in.err
	}
	filter := sockdiag.Filter{Listeners: sockdiag.WithListeners}
	for c, err := range in.connections.Connections(context.Background(), filter) {
		if err != nil {
			return err
		}
		came := cameIn(c)
		if k, wanted := s.gone[c.Cookie]; wanted && (!came || c.Info.Fallback) {
			delete(s.gone, c.Cookie)
			w.found(k, c, cookie)
		} else if came {
			w.accept(s, acceptedKey{cookie, uint64(c.Info.Token), false}, c.Local, accepted{
				fallback: c.Info.Fallback, most: uint8(min(c.Established(), 255)),
			})
		}
	}
	return w.listPlain(in, cookie, s)
}
