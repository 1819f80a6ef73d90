package bench

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// socket is a connection whose reads and writes block the thread that makes them.
// On Linux 6.18 a writer that waits for room in an MPTCP connection was seen to wait
// for as long as its time-out, or with poll until MPTCP's retransmission, 200 ms, again
// and again where links are fast; why is not known. A write that gives up after a
// moment and is made again goes on then. See BenchmarkUnshaped.
type socket struct {
	file *os.File // a descriptor of its own; the mode is that of all of them
	fd   int
}

// How long a read and a write block at most, after which whether the test goes on
// is looked at. Many connections have their writes block longer, since each is woken
// up for nothing when the link is slow.
const (
	readBeat  = 50 * time.Millisecond
	writeBeat = time.Millisecond // the kernel makes it two of its ticks
)

// errBeat is that nothing was read or written within a beat.
var errBeat = errors.New("nothing within a beat")

func openSocket(conn *net.TCPConn, option int, beat time.Duration) (*socket, error) {
	file, err := conn.File()
	if err != nil {
		return nil, fmt.Errorf("duplicate the descriptor: %w", reason(err))
	}
	s := &socket{file: file, fd: int(file.Fd())} // Fd makes it blocking.
	limit := unix.NsecToTimeval(beat.Nanoseconds())
	if err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, option, &limit); err != nil {
		file.Close()
		return nil, os.NewSyscallError("setsockopt", err)
	}
	return s, nil
}

func (s *socket) close() { s.file.Close() }

func (s *socket) read(b []byte) (int, error) {
	n, err := unix.Read(s.fd, b)
	return received("read", n, err)
}

// discard has the kernel throw away as many bytes as it has, up to the length of
// b, which is not written to (MSG_TRUNC of tcp(7)).
func (s *socket) discard(b []byte) (int, error) {
	n, _, err := unix.Recvfrom(s.fd, b, unix.MSG_TRUNC)
	return received("recvfrom", n, err)
}

func received(call string, n int, err error) (int, error) {
	if err == nil && n == 0 {
		return 0, errEnded
	}
	return outcome(call, n, err)
}

func (s *socket) write(b []byte) (int, error) {
	n, err := unix.Write(s.fd, b)
	return outcome("write", n, err)
}

// outcome of a call. A signal ends one that has a time limit, whatever SA_RESTART
// says (signal(7)).
func outcome(call string, n int, err error) (int, error) {
	switch err {
	case nil:
		return n, nil
	case unix.EAGAIN, unix.EINTR:
		return 0, errBeat
	}
	return 0, os.NewSyscallError(call, err)
}

var errEnded = errors.New("the other end has closed the connection")
