package scenario

import (
	"io"
	"net"
	"time"

	"allroads/mptcp"
)

func (t *transfer) set(end int, conn *net.TCPConn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ends[end] = conn
}

// ask has the kernel say of both ends whether they are MPTCP, and returns
// what it has said last: nil when there was no connection to ask about.
func (t *transfer) ask() *bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	both, asked := true, false
	for _, conn := range t.ends {
		if conn == nil {
			continue
		}
		is, err := mptcp.IsMPTCP(conn)
		if err != nil {
			return t.mptcp
		}
		both, asked = both && is, true
	}
	if asked {
		t.mptcp = &both
	}
	return t.mptcp
}

// closeWait is how long the receiver's end of the stream may take to come.
const closeWait = 2 * time.Second

// close closes both ends: the receiver's first, when all has arrived, so that the
// sender sees the end of the stream. What hangs is aborted.
func (t *transfer) close(orderly bool) {
	t.mu.Lock()
	ends := t.ends
	t.ends = [2]*net.TCPConn{}
	t.mu.Unlock()
	if !orderly {
		for _, conn := range ends {
			if conn != nil {
				abort(conn)
			}
		}
		return
	}
	ends[serverEnd].Close()
	_ = ends[clientEnd].SetReadDeadline(time.Now().Add(closeWait))
	if _, err := io.Copy(io.Discard, ends[clientEnd]); err != nil {
		abort(ends[clientEnd])
		return
	}
	ends[clientEnd].Close()
}
