package impair

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// A socket is a packet socket on one interface. It reads through a ring of
// version 2, which shows each frame at once: version 3 is cheaper, but hands
// frames over in blocks, and some milliseconds late when they are few.
type socket struct {
	fd   int
	name string
	mtu  int
	ring ring
	down bool // the interface is, as far as we know

	overruns uint64 // frames that found no room in the ring
}

// newSocket makes a socket in a port's namespace, for setUp.
func newSocket(p Port) (*socket, error) {
	s := &socket{fd: -1, name: p.Interface}
	err := p.do(func() (err error) {
		// With protocol 0 it gets nothing until it is bound (packet(7)).
		s.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", p.Interface, explainOpen(err))
	}
	return s, nil
}

// setUp binds the socket to its interface, which has to exist, with a ring of so
// many frames.
func (s *socket) setUp(frames int) error {
	if err := s.bind(frames); err != nil {
		return fmt.Errorf("interface %s: %w", s.name, err)
	}
	return nil
}

func (s *socket) bind(frames int) error {
	i, err := findInterface(s.fd, s.name)
	if err != nil {
		return err
	}
	s.mtu = i.mtu
	// What goes out here is on its way to the host. (The kernel leaves out what
	// this socket sends, but not what others do.)
	if err := unix.SetsockoptInt(s.fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1); err != nil {
		return fmt.Errorf("ignore outgoing frames: %w (Linux has it since 4.20)", err)
	}
	s.wantSendBuffer()
	if err := s.ring.open(s.fd, i.mtu, frames); err != nil {
		return fmt.Errorf("make ring of %d frames: %w", frames, err)
	}
	address := &unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_ALL), Ifindex: i.index}
	if err := unix.Bind(s.fd, address); err != nil {
		return fmt.Errorf("bind packet socket: %w", err)
	}
	return nil
}

// sendBuffer holds what the receiving host has not looked at yet. As a sender
// that finds it full waits, it is no harm that an ordinary user gets less.
const sendBuffer = 4 << 20

func (s *socket) wantSendBuffer() {
	if unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, sendBuffer) != nil {
		_ = unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_SNDBUF, sendBuffer)
	}
}

// countOverruns adds what the kernel has counted since the last time.
func (s *socket) countOverruns() error {
	counted, err := unix.GetsockoptTpacketStats(s.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return fmt.Errorf("interface %s: read packet counters: %w", s.name, err)
	}
	s.overruns += uint64(counted.Drops)
	return nil
}

func (s *socket) close() error {
	if s.fd < 0 {
		return nil
	}
	err := errors.Join(s.ring.close(), unix.Close(s.fd))
	s.fd = -1
	if err != nil {
		return fmt.Errorf("close packet socket: %w", err)
	}
	return nil
}

func networkOrder(v uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return binary.NativeEndian.Uint16(b[:])
}
