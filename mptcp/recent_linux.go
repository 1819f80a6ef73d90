package mptcp

import (
	"sync"
	"time"
)

// Reading the counters costs about as much as a connection over loopback, so they
// are kept for a while: any from before the connection will do.
const recentEnough = 100 * time.Millisecond

// recent are the counters last read, by the network namespace's cookie.
var recent recentSpaces

type recentSpaces struct {
	sync.Mutex
	spaces map[uint64]recentSpace
}

type recentSpace struct {
	counters *counters
	at       time.Time
}

// recentCounters are those of the calling thread's network namespace, in which the
// socket was made; nil if they cannot be read.
func recentCounters(fd int) *counters {
	space, err := netnsCookie(fd)
	if err != nil {
		return nil
	}
	recent.Lock()
	defer recent.Unlock()
	now := time.Now()
	if known, ok := recent.spaces[space]; ok && now.Sub(known.at) < recentEnough {
		return known.counters
	}
	read, err := readCounters()
	if err != nil {
		return nil
	}
	recent.keep(now)
	recent.spaces[space] = recentSpace{read, now}
	return read
}

// keep makes room: what is too old is of no use, and namespaces come and go.
func (r *recentSpaces) keep(now time.Time) {
	if r.spaces == nil {
		r.spaces = make(map[uint64]recentSpace)
	}
	for space, known := range r.spaces {
		if now.Sub(known.at) >= recentEnough {
			delete(r.spaces, space)
		}
	}
}
