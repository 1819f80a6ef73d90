package watch

import (
	"time"

	"golang.org/x/sys/unix"
)

// Prepare registers a socket that is about to be handed to a program. The descriptor
// stays the caller's, to be closed. It takes some 3 µs. A socket that cannot be watched is
// counted, and its Key is 0, which Handed and Dropped take as well.
func (w *Watcher) Prepare(fd int) Key {
	cookie, err := unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_COOKIE)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil || w.closed {
		return 0
	}
	k, s := w.take()
	if s == nil {
		return 0
	}
	s.cookie = cookie
	w.arm(k, s, fd, ofConnect)
	// It may have to be looked at before Handed says whose it is.
	w.dueAt(s, time.Now().Add(intervals[0]))
	return k
}

// Handed says that a socket has been handed over, as descriptor fd of the process that
// a thread belongs to.
func (w *Watcher) Handed(k Key, thread, fd int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.sockets++
	s := w.at(k)
	if s == nil {
		w.counts.unknown[tooMany]++
		return
	}
	s.stage, s.pid, s.fd = unconnected, w.threads.processOf(int32(thread)), int32(fd)
	if s.early {
		w.dueAt(s, time.Time{})
	}
}

// Dropped says that a socket was not handed over after all.
func (w *Watcher) Dropped(k Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drop(k)
}

// Held watches a socket that a program has made itself, descriptor fd of a thread's
// process, and waits for nothing. Other sockets than those of MPTCP are left alone.
func (w *Watcher) Held(thread, fd int) {
	w.mu.Lock()
	pid := w.threads.processOf(int32(thread))
	w.mu.Unlock()
	mine, err := fetchOnce(pid, int32(fd))
	if err != nil {
		w.unseen(reasonOf(err))
		return
	}
	defer unix.Close(mine)
	protocol, err := unix.GetsockoptInt(mine, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	if err != nil || protocol != unix.IPPROTO_MPTCP {
		return
	}
	w.Handed(w.Prepare(mine), int(pid), fd)
}

// watch registers a socket that is in use already. looking is held.
func (w *Watcher) watch(mine int, pid, fd int32) {
	k := w.Prepare(mine)
	w.Handed(k, int(pid), int(fd))
	w.look(k)
}

// unseen counts a socket of which nothing is known.
func (w *Watcher) unseen(why reason) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts.sockets++
	w.counts.unknown[why]++
}
