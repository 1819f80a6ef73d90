package fullscreen

import (
	"time"

	"golang.org/x/sys/unix"
)

// escapePatience is how long after an escape character the rest of a key's sequence
// may take to come.
const escapePatience = 50 * time.Millisecond

// read sends the keys that are typed, until Close or the terminal's end.
func (t *Terminal) read() {
	defer t.wake[0].Close()
	defer t.send(Gone)
	var typed []byte
	buffer := make([]byte, 256)
	for {
		ready, ok := t.await(len(typed) > 0)
		if !ok {
			return
		}
		if ready {
			n, err := unix.Read(int(t.in.Fd()), buffer)
			switch {
			case err == unix.EINTR || err == unix.EAGAIN:
				continue
			case err != nil || n == 0:
				return
			}
			typed = append(typed, buffer[:n]...)
		}
		typed = t.sendAll(typed, !ready)
	}
}

func (t *Terminal) send(key Key) {
	select {
	case t.keys <- key:
	case <-t.ended:
	}
}

// sendAll sends the keys that have come, and returns what may be the beginning of
// one.
func (t *Terminal) sendAll(typed []byte, final bool) (rest []byte) {
	for {
		key, n := decode(typed, final)
		if n == 0 {
			return typed
		}
		typed = typed[n:]
		if key != None {
			t.send(key)
		}
	}
}

// await waits for input, where something was begun only as long as its rest may
// take. It reports false when there is nothing to wait for any more.
func (t *Terminal) await(begun bool) (ready, ok bool) {
	timeout := -1
	if begun {
		timeout = int(escapePatience.Milliseconds())
	}
	polled := []unix.PollFd{
		{Fd: int32(t.in.Fd()), Events: unix.POLLIN},
		{Fd: int32(t.wake[0].Fd()), Events: unix.POLLIN},
	}
	for {
		n, err := unix.Poll(polled, timeout)
		if err != unix.EINTR {
			return n > 0, err == nil && polled[1].Revents == 0
		}
	}
}
