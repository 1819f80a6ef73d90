package lab_test

import (
	"encoding/binary"
	"errors"
	"testing"
	"time"

	"allroads/lab"

	"golang.org/x/sys/unix"
)

// A flow is a socket of a host that sends, and one of another that receives.
type flow struct {
	from, to int
	buffer   [2048]byte
	control  [128]byte
}

// A seen datagram got through.
type seen struct {
	number        int
	sent, arrived time.Time // arrived as the kernel says
}

func openFlow(b *testing.B, network *lab.Lab) *flow {
	b.Helper()
	p := &flow{from: -1, to: -1}
	b.Cleanup(p.close)
	must(b, network.Host("host1").Run(func() (err error) {
		p.to, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		return err
	}))
	must(b, network.Host("host0").Run(func() (err error) {
		p.from, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		return err
	}))
	address := &unix.SockaddrInet4{Addr: [4]byte{10, 0, 0, 2}, Port: 9}
	must(b, unix.Bind(p.to, address))
	must(b, unix.Connect(p.from, address))
	must(b, unix.SetsockoptInt(p.to, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1))
	// What the receiver loses is not the link's loss, and the sender should not have
	// to wait for a rate. An ordinary user gets less.
	if unix.SetsockoptInt(p.to, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 64<<20) != nil {
		must(b, unix.SetsockoptInt(p.to, unix.SOL_SOCKET, unix.SO_RCVBUF, 64<<20))
	}
	if unix.SetsockoptInt(p.from, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, 4<<20) != nil {
		must(b, unix.SetsockoptInt(p.from, unix.SOL_SOCKET, unix.SO_SNDBUF, 4<<20))
	}
	must(b, unix.SetsockoptTimeval(p.to, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 500_000}))
	p.send(b, 0, 20) // Has the hosts find each other's Ethernet addresses,
	p.receive(b)     // before what counts.
	return p
}

func (p *flow) close() {
	for _, fd := range []*int{&p.from, &p.to} {
		if *fd >= 0 {
			unix.Close(*fd)
		}
		*fd = -1
	}
}

// send sends a datagram with a number and the time in it.
func (p *flow) send(b *testing.B, number, length int) {
	message := make([]byte, length)
	binary.BigEndian.PutUint64(message, uint64(number))
	binary.BigEndian.PutUint64(message[8:], uint64(time.Now().UnixNano()))
	// A queue that is full refuses some.
	if _, err := unix.Write(p.from, message); err != nil && !errors.Is(err, unix.ENOBUFS) {
		b.Errorf("send datagram: %v", err)
	}
}

// receive waits for the next datagram; not ok after half a second without one.
func (p *flow) receive(b *testing.B) (s seen, ok bool) {
	n, controls, _, _, err := unix.Recvmsg(p.to, p.buffer[:], p.control[:], 0)
	if errors.Is(err, unix.EINTR) {
		return p.receive(b)
	}
	if errors.Is(err, unix.EAGAIN) {
		return s, false
	}
	must(b, err)
	messages, err := unix.ParseSocketControlMessage(p.control[:controls])
	must(b, err)
	if n < 16 || len(messages) != 1 || messages[0].Header.Type != unix.SO_TIMESTAMPNS {
		b.Fatalf("a datagram of %d bytes with %v", n, messages)
	}
	s.number = int(binary.BigEndian.Uint64(p.buffer[:]))
	s.sent = time.Unix(0, int64(binary.BigEndian.Uint64(p.buffer[8:])))
	s.arrived = timespec(messages[0].Data)
	return s, true
}

// timespec reads a struct timespec, whose two fields are as long as each other.
func timespec(b []byte) time.Time {
	if len(b) == 8 {
		return time.Unix(int64(binary.NativeEndian.Uint32(b)), int64(binary.NativeEndian.Uint32(b[4:])))
	}
	return time.Unix(int64(binary.NativeEndian.Uint64(b)), int64(binary.NativeEndian.Uint64(b[8:])))
}
