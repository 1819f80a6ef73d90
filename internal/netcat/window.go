package netcat

import (
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// firstWindow is what a connection may have in flight from its beginning.
const firstWindow = 1_000_000

// openWindow lets the peer send a lot at once. The kernel begins with about 64 kB
// and finds out by itself how much is right, but while it does, a fast MPTCP sender
// often meets the edge of the window and stands still for one or two times 200 ms,
// until its retransmission timer (seen with Linux 6.18, with any program). To ask
// for a low-water mark makes the buffer larger, without ending its growth as
// SO_RCVBUF does (net/mptcp/sockopt.c, mptcp_set_rcvlowat; tcp_set_rcvlowat). A
// kernel that does not know it for MPTCP stays with its own.
func openWindow(c *mptcp.Conn) {
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVLOWAT, firstWindow) == nil {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVLOWAT, 1)
		}
	})
}
