package impair

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"
)

// run is the link's thread, which is thrown away with what was set on it.
func (l *Link) run() {
	runtime.LockOSThread()
	// The kernel may make a sleep longer by the slack, 50 µs unless told. It is
	// only less precise if this is not to be had.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	l.end(l.carry())
}

// carry does the work until Close or an error.
func (l *Link) carry() error {
	for !l.stop.Load() {
		now := l.clock.read()
		busy, err := l.turn(now)
		if err != nil {
			return err
		}
		l.publish()
		if busy {
			continue
		}
		if err := l.sleep(); err != nil {
			return err
		}
	}
	return nil
}

// turn reads and sends a batch in each direction, and reports whether there was
// anything to do.
func (l *Link) turn(now moment) (busy bool, err error) {
	for _, f := range l.flows {
		if f.receive(now) {
			busy = true
		}
	}
	for _, f := range l.flows {
		sent, err := f.send(now)
		if err != nil {
			return busy, err
		}
		busy = busy || sent
	}
	return busy, nil
}

// publish shows the counters to Stats.
func (l *Link) publish() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, f := range l.flows {
		l.stats[i] = f.read()
	}
}

// sleep returns when a frame is there or due, a socket that was full takes more,
// or Close is called.
func (l *Link) sleep() error {
	timeout, ok := l.timeout()
	if !ok {
		return nil
	}
	fds := [3]unix.PollFd{
		{Fd: int32(l.sockets[0].fd), Events: l.events(BToA)},
		{Fd: int32(l.sockets[1].fd), Events: l.events(AToB)},
		{Fd: int32(l.wake), Events: unix.POLLIN},
	}
	_, err := unix.Ppoll(fds[:], timeout, nil)
	if err != nil && !errors.Is(err, unix.EINTR) {
		return fmt.Errorf("poll packet sockets: %w", err)
	}
	for i, s := range l.sockets {
		if fds[i].Revents&^(unix.POLLIN|unix.POLLOUT) == 0 && !s.down {
			continue
		}
		if err := s.fault(); err != nil {
			return err
		}
	}
	return nil
}

// events are what to wait for on a socket, to which a direction sends.
func (l *Link) events(sends Direction) int16 {
	if l.flows[sends].blocked {
		return unix.POLLIN | unix.POLLOUT
	}
	return unix.POLLIN
}

// timeout returns how long to sleep, nil being for ever; not ok, not at all.
func (l *Link) timeout() (t *unix.Timespec, ok bool) {
	next := min(l.flows[AToB].next(), l.flows[BToA].next())
	down := l.sockets[0].down || l.sockets[1].down
	if next == never && !down {
		return nil, true
	}
	left := next - l.clock.read().since
	if left <= 0 {
		return nil, false
	}
	if down {
		left = min(left, downCheck)
	}
	l.alarm = unix.NsecToTimespec(left.Nanoseconds())
	return &l.alarm, true
}

// end gives everything back and tells who waits.
func (l *Link) end(err error) {
	l.publish()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.countOverruns()
	err = cmp.Or(err, l.release())
	if err != nil {
		l.err = fmt.Errorf("%s: %w", l.name, err)
	}
	l.ended = true
	close(l.done)
}
