package watch

import (
	"net/netip"
	"os"
	"strconv"
	"time"

	"allroads/internal/holding"

	"golang.org/x/sys/unix"
)

// tree is a process and its descendants, of which nobody hands us the sockets.
type tree struct {
	pid    int
	known  map[uint64]bool // inodes of sockets that were there at the last walk
	barred map[int]bool    // processes that may not be looked into
	pace   pace
	due    time.Time
}

// Tree watches the sockets that a process and its descendants make themselves. They are
// looked for at the intervals of looks, and less often when that takes more than 2 % of
// a CPU: a socket that comes and goes between two is not seen, and not counted.
func (w *Watcher) Tree(pid int) {
	w.looking.Lock()
	w.trees = append(w.trees, &tree{pid: pid})
	w.looking.Unlock()
	w.mu.Lock()
	w.by(time.Time{})
	w.mu.Unlock()
}

// walkTrees looks for sockets in trees whose time has come; the zero time: in all. looking is
// held.
func (w *Watcher) walkTrees(now time.Time) {
	for _, t := range w.trees {
		if now.IsZero() || !now.Before(t.due) {
			w.walk(t)
		}
		w.mu.Lock()
		w.by(t.due)
		w.mu.Unlock()
	}
}

func (w *Watcher) walk(t *tree) {
	begin := time.Now()
	known, barred := make(map[uint64]bool, len(t.known)), map[int]bool{}
	pids, err := holding.Tree(t.pid)
	for _, pid := range pids {
		w.walkProcess(t, pid, known, barred)
	}
	t.known, t.barred = known, barred
	end := time.Now()
	t.due = end.Add(max(t.pace.interval(), rest*end.Sub(begin)))
	if err != nil { // It has ended.
		t.due = end.Add(forever)
	}
}

// walkProcess takes up the sockets of a process that were not there before.
func (w *Watcher) walkProcess(t *tree, pid int, known map[uint64]bool, barred map[int]bool) {
	err := holding.EachSocket(pid, func(descriptor string, inode uint64) {
		fd, err := strconv.Atoi(descriptor)
		if err == nil && !known[inode] && !t.known[inode] {
			w.adopt(int32(pid), int32(fd))
		}
		known[inode] = true
	})
	if os.IsPermission(err) {
		barred[pid] = true
		if !t.barred[pid] {
			w.unseen(barredProcess)
		}
	}
}

// adopt watches a socket of MPTCP that was found, unless it is one that a listener has
// accepted.
func (w *Watcher) adopt(pid, fd int32) {
	mine, err := w.fetch(pid, fd)
	if err != nil {
		return // Closed, or in a process that is counted as a whole.
	}
	defer unix.Close(mine)
	protocol, _ := unix.GetsockoptInt(mine, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	cookie, err := unix.GetsockoptUint64(mine, unix.SOL_SOCKET, unix.SO_COOKIE)
	if protocol != unix.IPPROTO_MPTCP || err != nil || w.isKnown(cookie, localOf(mine)) {
		return
	}
	w.watch(mine, pid, fd)
}

// isKnown reports whether a socket is watched, or is none that a program has made: its
// local address is that of a listener.
func (w *Watcher) isKnown(cookie uint64, local netip.AddrPort) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	var s search
	for i := range w.sockets {
		if w.sockets[i].stage == listening {
			s.listeners = append(s.listeners, w.sockets[i].local)
		}
	}
	return s.hasListener(local) || w.watches(cookie)
}

// watches reports whether a socket is watched. mu is held.
func (w *Watcher) watches(cookie uint64) bool {
	for i := range w.sockets {
		if s := &w.sockets[i]; s.cookie == cookie && s.stage > prepared {
			return true
		}
	}
	return false
}
