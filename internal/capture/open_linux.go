package capture

import (
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"allroads/internal/netns"
)

// Open starts to capture on interfaces of a network namespace, nil being the
// caller's. It takes CAP_NET_RAW in the user namespace that owns the network
// namespace, and entering one takes CAP_SYS_ADMIN; errors keep the errno: EPERM
// without these rights, ENODEV for an unknown interface, ENOMEM when the kernel
// refuses the ring's memory.
//
// Each frame is captured once per interface, received or sent: on the way out
// behind the queueing discipline, on the way in before it. Interfaces are not
// made promiscuous. A large frame that the network card would segment, or has
// reassembled, is captured as one. VLAN tags that the card took off are back in
// place. An interface removed and made again is another one, not captured.
func Open(ns *netns.NS, interfaces []string, o Options) (*Ring, error) {
	if interfaces == nil {
		interfaces = []string{} // which open refuses
	}
	r, err := open(ns, interfaces, o)
	if err != nil {
		return nil, fmt.Errorf("capture on %s: %w", strings.Join(interfaces, ", "), err)
	}
	return r, nil
}

// OpenAny is Open for all interfaces of the namespace that have Ethernet frames, or
// are loopback. Those that come later are captured as well, and are in Names when
// their first packet has been read.
func OpenAny(ns *netns.NS, o Options) (*Ring, error) {
	r, err := open(ns, nil, o)
	if err != nil {
		return nil, fmt.Errorf("capture on all interfaces: %w", err)
	}
	return r, nil
}

func open(ns *netns.NS, interfaces []string, o Options) (*Ring, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	var s *socket
	err = in(ns, func() error {
		s, err = openSocket(interfaces, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	r, err := newRing(s, o.SnapLen)
	if err != nil {
		s.close()
		return nil, err
	}
	return r, nil
}

func in(ns *netns.NS, fn func() error) error {
	if ns == nil {
		return fn()
	}
	return ns.Do(fn)
}

func newRing(s *socket, snapLen int) (*Ring, error) {
	r := &Ring{socket: s, snapLen: snapLen, positions: make(map[int32]int, len(s.links))}
	for i, l := range s.links {
		r.positions[int32(l.index)] = i
		r.names = append(r.names, l.name)
	}
	r.last.Store(math.MaxUint64)
	r.isReady = func(uintptr) bool { return r.block.ready() }
	r.block.memory = s.block(0)
	// Without a deadline to move, Stop could not wake Read.
	if err := s.file.SetReadDeadline(time.Time{}); err != nil {
		return nil, fmt.Errorf("poll packet socket: %w", err)
	}
	var err error
	if r.poll, err = s.file.SyscallConn(); err != nil {
		return nil, fmt.Errorf("poll packet socket: %w", err)
	}
	return r, nil
}

var errClosed = fmt.Errorf("read ring: %w", os.ErrClosed)
