package rtnl

import "golang.org/x/sys/unix"

// ObserveIn is Observe with a receive buffer of another size, which Linux makes twice
// as large.
func ObserveIn(netns, buffer int) (*Observer, error) {
	o, err := openObserver(netns, buffer)
	if err == nil {
		err = o.begin()
	}
	return o, err
}

// ReceiveBuffer is what the kernel has made of it.
func (o *Observer) ReceiveBuffer() (size int) {
	_ = o.events.raw.Control(func(fd uintptr) { size, _ = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF) })
	return size
}

// Messages calls each with all messages that wait.
func (o *Observer) Messages(each func(kind, flags uint16, body []byte)) {
	for {
		b, err := o.events.receive(false)
		if err != nil {
			return
		}
		for {
			m, rest, ok := split(b)
			if !ok {
				break
			}
			each(m.kind, m.flags, m.body)
			b = rest
		}
	}
}
