package watch

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Watcher watches sockets. Its methods may be called from several goroutines.
type Watcher struct {
	mu      sync.Mutex
	epoll   int
	anchor  int // R, the number under which every socket is registered; the epoll instance when none is
	wake    int // an eventfd
	sockets []socket
	spare   []uint32 // places that are free
	inUse   int
	lost    []Key     // not where they were, and not seen to connect, in the order of that
	next    time.Time // when the next one is due
	asleep  time.Time // until when run sleeps, if it does
	counts  counts

	accepted map[acceptedKey]accepted // connections of listeners that there are
	listing  listing
	threads  threads

	looking    sync.Mutex // of what follows; before mu
	pidfds     map[int32]int
	spaces     spaces
	trees      []*tree
	causesFrom time.Time // when it may be asked again why a connection fell back
	closed     bool
	done       chan struct{}
}

// New makes a Watcher, which runs until Close.
func New() (*Watcher, error) {
	w := &Watcher{
		sockets: make([]socket, 0, most), spare: make([]uint32, 0, most),
		threads: threads{}, pidfds: map[int32]int{}, done: make(chan struct{}),
		accepted: map[acceptedKey]accepted{}, next: time.Now().Add(forever),
	}
	if err := w.open(); err != nil {
		w.closeAll()
		return nil, err
	}
	go w.run()
	return w, nil
}

func (w *Watcher) open() (err error) {
	w.epoll, w.anchor, w.wake = -1, -1, -1
	if w.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	if w.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return os.NewSyscallError("eventfd", err)
	}
	if w.anchor, err = unix.FcntlInt(uintptr(w.epoll), unix.F_DUPFD_CLOEXEC, 0); err != nil {
		return os.NewSyscallError("fcntl F_DUPFD_CLOEXEC", err)
	}
	if err = w.spaces.open(); err != nil {
		return fmt.Errorf("find out about the network namespace: %w", err)
	}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(w.epoll, unix.EPOLL_CTL_ADD, w.wake, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET}))
}

// Close ends the watch, after a last Look if the caller wants one. Report still answers.
func (w *Watcher) Close() {
	w.mu.Lock()
	closed := w.closed
	w.closed = true
	w.rouse()
	w.mu.Unlock()
	if closed {
		return
	}
	<-w.done
	w.closeAll()
}

func (w *Watcher) closeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, fd := range []int{w.epoll, w.anchor, w.wake} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
	w.epoll, w.anchor, w.wake = -1, -1, -1
	w.closePidfds()
	w.spaces.close()
}

// rouse has run look at what is due now. mu is held.
func (w *Watcher) rouse() { unix.Write(w.wake, binary.NativeEndian.AppendUint64(nil, 1)) }

// run waits for events and for what is due, until Close.
func (w *Watcher) run() {
	defer close(w.done)
	events := make([]unix.EpollEvent, 128)
	for {
		n, err := unix.EpollWait(w.epoll, events, w.patience())
		if err != nil && err != unix.EINTR {
			return
		}
		w.mu.Lock()
		w.asleep = time.Time{}
		w.mu.Unlock()
		w.looking.Lock()
		for _, e := range events[:max(n, 0)] {
			w.happened(keyOf(&e), e.Events)
		}
		w.lookAtDue(time.Now())
		w.looking.Unlock()
		w.mu.Lock()
		closed := w.closed
		w.mu.Unlock()
		if closed {
			return
		}
	}
}

// tick is the least time between two rounds of looks, and how long a socket that is being
// handed over may go without attention.
const tick = 10 * time.Millisecond

// patience is how long to wait for events, in milliseconds, after which run is asleep.
func (w *Watcher) patience() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	wait := min(max(time.Until(w.next), tick), time.Hour)
	w.asleep = time.Now().Add(wait)
	return int(wait / time.Millisecond)
}
