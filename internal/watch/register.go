package watch

import "golang.org/x/sys/unix"

// What the kernel tells of a socket: of one that may connect, all that changes; of a
// listener, that somebody came, once until it is told anew.
const (
	ofConnect  = unix.EPOLLOUT | unix.EPOLLET
	ofListener = unix.EPOLLIN | unix.EPOLLONESHOT
)

// arm registers a socket, of which a descriptor is at hand. mu is held.
func (w *Watcher) arm(k Key, s *socket, fd int, events uint32) {
	operation := unix.EPOLL_CTL_ADD
	if s.armed {
		operation = unix.EPOLL_CTL_MOD
	}
	s.events = 0
	s.armed = w.control(operation, k, fd, events)
}

// disarm takes a socket out again. mu is held.
func (w *Watcher) disarm(s *socket, fd int) {
	if s.armed && w.control(unix.EPOLL_CTL_DEL, 0, fd, 0) {
		s.armed = false
	}
}

// control changes the entry of a socket. The kernel knows entries by open file and
// number, and the number is the same for all: that of the anchor, which is the epoll
// instance again afterwards, so that nothing of the socket stays open here.
func (w *Watcher) control(operation int, k Key, fd int, events uint32) bool {
	if unix.Dup3(fd, w.anchor, unix.O_CLOEXEC) != nil {
		return false
	}
	event := unix.EpollEvent{Events: events}
	setKey(&event, k)
	err := unix.EpollCtl(w.epoll, operation, w.anchor, &event)
	unix.Dup3(w.epoll, w.anchor, unix.O_CLOEXEC)
	return err == nil
}

// setKey puts a key where the kernel keeps 64 bits for us (epoll_data_t).
func setKey(e *unix.EpollEvent, k Key) { e.Fd, e.Pad = int32(uint32(k)), int32(uint32(k>>32)) }

func keyOf(e *unix.EpollEvent) Key { return Key(uint32(e.Fd)) | Key(uint32(e.Pad))<<32 }
