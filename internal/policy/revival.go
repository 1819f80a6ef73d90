package policy

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"

	"allroads/pathmanager"
)

// Revival is what waits at an address: subflows that were lost from it.
type Revival struct {
	Addr        netip.Addr
	Connections int               // that lack their subflow
	Token       pathmanager.Token // of one of them, the lowest
	Cause       Cause             // why that one lost it
	For         string            // what is waited for
	Next        time.Time         // when it is tried again; zero: when what it waits for has come
	Tries       int               // failures in a row, of that connection
}

// Pending tells what waits for what, since the last Step, in the order of addresses.
func (r *Reviver) Pending() (pending []Revival) {
	for _, addr := range slices.SortedFunc(maps.Keys(r.lost), netip.Addr.Compare) {
		if revival, waits := r.lost[addr].revival(); waits {
			revival.Addr = addr
			pending = append(pending, revival)
		}
	}
	return pending
}

// revival tells of the path that is due next; given up ones come last.
func (l *lostFrom) revival() (revival Revival, waits bool) {
	missing := make([]pathmanager.Token, 0, len(l.paths))
	for token, p := range l.paths {
		if p.up.IsZero() {
			missing = append(missing, token)
		}
	}
	if len(missing) == 0 {
		return Revival{}, false
	}
	first := slices.MinFunc(missing, func(a, b pathmanager.Token) int {
		return cmp.Or(l.paths[a].order(l.paths[b]), cmp.Compare(a, b))
	})
	p := l.paths[first]
	revival = Revival{Connections: len(missing), Token: first, Cause: p.cause, Tries: p.failures}
	switch {
	case !l.owned:
		revival.For = "an endpoint of allroadsd's at this address"
	case Final(p.cause):
		revival.For = "nothing: it is given up as long as the connection lives"
	case l.live > 0:
		revival.For = fmt.Sprintf("the end of %d other subflows from this address: to make it again would close them", l.live)
	case p.next.IsZero():
		revival.For = "a change of the network"
	default:
		revival.For, revival.Next = "the next try", p.next
		if soonest := l.last.Add(spacing); !l.last.IsZero() && soonest.After(p.next) {
			revival.Next = soonest
		}
	}
	return revival, true
}

func (p *lostPath) order(other *lostPath) int {
	rank := func(p *lostPath) int64 {
		switch {
		case Final(p.cause):
			return 1<<63 - 1
		case p.next.IsZero():
			return 1<<63 - 2
		}
		return p.next.UnixNano()
	}
	return cmp.Compare(rank(p), rank(other))
}
