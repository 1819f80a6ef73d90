package steering

import (
	"net/netip"
	"time"

	"allroads/internal/policy"
)

// listener is a port that is listened on for the announcements of all connections.
type listener struct {
	uses  int
	until moment // it is given up then, or tried again; 0: neither
	why   string // it could not be made
	tries int
}

// linger is how long a listener stays that no connection uses.
const linger = 10 * time.Second

// acquire has a port listened on.
func (s *State) acquire(o *offer) {
	if !o.listens.IsValid() {
		return
	}
	l := s.listeners[o.listens]
	if l == nil {
		l = &listener{}
		s.listeners[o.listens] = l
		s.listen(o.listens)
	}
	if l.uses++; l.why == "" {
		l.until = 0
	}
}

func (s *State) listen(at netip.AddrPort) {
	s.command(Command{Action: Listen, From: at, Why: "subflows to an announced port need a listener"})
}

// release is for an offer that is no more.
func (s *State) release(o *offer) {
	if l := s.listeners[o.listens]; l != nil && o.listens.IsValid() {
		if l.uses--; l.uses == 0 {
			l.until = s.after(linger)
		}
	}
}

// dismiss ends listeners that nobody uses, and tries again what was refused.
func (s *State) dismiss() {
	for at, l := range s.listeners {
		switch {
		case l.until == 0 || l.until > s.now:
		case l.uses > 0:
			l.until = 0
			s.listen(at)
		default:
			delete(s.listeners, at)
			if l.why == "" {
				s.command(Command{Action: Unlisten, From: at, Why: "no connection needs it any more"})
			}
		}
	}
}

// listened takes what became of a listener. Where somebody else listens, that serves.
func (s *State) listened(d Done) {
	l := s.listeners[d.Command.From]
	if l == nil || d.Command.Action != Listen {
		return
	}
	l.why = ""
	if d.Err != nil {
		l.why = d.Err.Error()
	}
	if d.Err != nil && !inUse(d.Err) && l.uses > 0 {
		l.tries++
		wait, _ := policy.Backoff(policy.Unknown, l.tries)
		l.until = s.after(wait)
	}
}

// pendingListeners are those that could not be made.
func (s *State) pendingListeners() (all []Pending) {
	for at, l := range s.listeners {
		if l.why != "" {
			p := Pending{What: "listener at " + at.String(), For: "the port: " + l.why, Tries: l.tries}
			if l.until != 0 {
				p.Next = s.time(l.until)
			}
			all = append(all, p)
		}
	}
	return all
}
