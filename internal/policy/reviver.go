package policy

import (
	"encoding/binary"
	"maps"
	"net/netip"
	"slices"
	"time"

	"allroads/pathmanager"
)

const (
	// spacing is between two times that the same endpoint is made again, whatever changes.
	spacing = time.Second
	// patience is how long the handshake of a subflow that was made again has at least.
	patience = 3 * time.Second
	// settled is how long a subflow has to live for its failures before to be forgotten.
	settled = time.Minute
)

// Reviver makes lost subflows again under the in-kernel path manager, which never does by
// itself: it uses an endpoint once in each connection, until the endpoint is deleted and
// added. That makes the subflow again in all connections that lack it, and closes it in
// all that have it (mptcp_nl_remove_subflow_and_signal_addr), the initial ones from that
// address too. So it is done only while no subflow from the address is established.
//
// A Reviver is told what happens, and asked by Step what to do now. The zero value knows
// of nothing. Addresses are local ones; what matters is where this host makes subflows,
// which in a server's connections is its decision, too, wherever it has such endpoints.
type Reviver struct{ lost map[netip.Addr]*lostFrom }

// lostFrom is what was lost from an address.
type lostFrom struct {
	paths map[pathmanager.Token]*lostPath
	due   time.Time // not before this is any path due; zero: none is
	last  time.Time // when the endpoint was made again
	live  int       // established subflows, at the last Step
	owned bool      // there is an endpoint of allroadsd's, at the last Step
}

type lostPath struct {
	cause    Cause
	failures int       // in a row
	next     time.Time // zero: when something changes
	tried    bool      // it was made again, and nothing was heard since
	up       time.Time // when it was established again; zero: it is not
}

// Lost tells that a subflow of a connection from an address is gone.
func (r *Reviver) Lost(now time.Time, addr netip.Addr, token pathmanager.Token, cause Cause) {
	addr = addr.Unmap()
	if r.lost == nil {
		r.lost = map[netip.Addr]*lostFrom{}
	}
	l := r.lost[addr]
	if l == nil {
		l = &lostFrom{paths: map[pathmanager.Token]*lostPath{}}
		r.lost[addr] = l
	}
	p := l.paths[token]
	switch {
	case p == nil:
		p = &lostPath{failures: 1}
		l.paths[token] = p
	case !p.up.IsZero():
		if p.failures++; now.Sub(p.up) >= settled {
			p.failures = 1
		}
	case cause == Ended:
		return // Deleting the endpoint closes what is still in its handshake.
	}
	p.cause, p.tried, p.up = cause, false, time.Time{}
	p.schedule(now, addr, 0)
	l.advance(p.next)
}

// Established tells that a further subflow of a connection from an address is there.
func (r *Reviver) Established(now time.Time, addr netip.Addr, token pathmanager.Token) {
	if l := r.lost[addr.Unmap()]; l != nil && l.paths[token] != nil {
		p := l.paths[token]
		p.up, p.next, p.tried = now, time.Time{}, false
	}
}

// Left tells that allroadsd takes the endpoint of an address away because the address is not
// to be used: when it is again, that is a new beginning.
func (r *Reviver) Left(addr netip.Addr) { delete(r.lost, addr.Unmap()) }

// Closed tells that a connection is gone.
func (r *Reviver) Closed(token pathmanager.Token) {
	for addr, l := range r.lost {
		if delete(l.paths, token); len(l.paths) == 0 {
			delete(r.lost, addr)
		}
	}
}

// Found tells which connections are alive, after events were lost: all others are forgotten.
// What they have is told by Lost and Established.
func (r *Reviver) Found(alive func(pathmanager.Token) bool) {
	for _, l := range r.lost {
		for token := range l.paths {
			if !alive(token) {
				r.Closed(token)
			}
		}
	}
}

// Changed tells that addresses, interfaces or routes are others now: all that was not
// given up for good is tried.
func (r *Reviver) Changed(now time.Time) {
	for _, l := range r.lost {
		for _, p := range l.paths {
			if p.up.IsZero() && !Final(p.cause) {
				p.next = now
				l.advance(now)
			}
		}
	}
}

// Step returns the endpoints that are to be deleted and added now, with the same id.
// Owned are the endpoints that are there and allroadsd's, live the number of established
// subflows from each address, in all connections under the in-kernel path manager.
func (r *Reviver) Step(now time.Time, owned []pathmanager.Endpoint, live map[netip.Addr]int) (again []pathmanager.Endpoint) {
	for _, addr := range slices.SortedFunc(maps.Keys(r.lost), netip.Addr.Compare) {
		l := r.lost[addr]
		i := slices.IndexFunc(owned, func(e pathmanager.Endpoint) bool {
			return e.Addr.Unmap() == addr && e.Flags&pathmanager.Subflow != 0
		})
		l.owned, l.live = i >= 0, live[addr]
		if !l.owned || l.live > 0 || l.wake().IsZero() || l.wake().After(now) {
			continue
		}
		if l.settle(now); l.due.IsZero() || l.due.After(now) {
			continue // What was due has ended or came back.
		}
		l.last = now
		for _, p := range l.paths {
			p.try(now, addr)
		}
		l.settle(now)
		again = append(again, owned[i])
	}
	return again
}

// Wake is when Step has something to do although nothing happens.
func (r *Reviver) Wake() (at time.Time, ok bool) {
	for _, l := range r.lost {
		if due := l.wake(); !due.IsZero() && l.owned && l.live == 0 && (!ok || due.Before(at)) {
			at, ok = due, true
		}
	}
	return at, ok
}

// wake is when the endpoint may be made again.
func (l *lostFrom) wake() time.Time {
	if l.due.IsZero() || l.last.IsZero() || l.due.Sub(l.last) >= spacing {
		return l.due
	}
	return l.last.Add(spacing)
}

func (l *lostFrom) advance(next time.Time) {
	if !next.IsZero() && (l.due.IsZero() || next.Before(l.due)) {
		l.due = next
	}
}

// settle finds out anew when the next path is due, and forgets those that came back for
// good.
func (l *lostFrom) settle(now time.Time) {
	l.due = time.Time{}
	for token, p := range l.paths {
		if !p.up.IsZero() && now.Sub(p.up) >= settled {
			delete(l.paths, token)
			continue
		}
		l.advance(p.next)
	}
}

func (p *lostPath) try(now time.Time, addr netip.Addr) {
	if !p.up.IsZero() || Final(p.cause) {
		return
	}
	p.failures++
	p.tried = true
	p.schedule(now, addr, patience)
}

func (p *lostPath) schedule(now time.Time, addr netip.Addr, least time.Duration) {
	wait, again := Backoff(p.cause, p.failures)
	if p.next = (time.Time{}); again {
		bytes := addr.As16()
		seed := binary.BigEndian.Uint64(bytes[8:]) ^ binary.BigEndian.Uint64(bytes[:8]) + uint64(p.failures)<<32
		p.next = now.Add(max(Jitter(wait, seed), least))
	}
}
