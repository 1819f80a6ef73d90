package holding

import (
	"net/netip"

	"allroads/mptcp"
)

// Kind is what a stream socket is.
type Kind string

// The kinds there are.
const (
	MPTCP    Kind = "mptcp"    // also when it is not connected yet, or listens
	Fallback Kind = "fallback" // made for MPTCP, and fell back to TCP
	TCP      Kind = "tcp"
	Unknown  Kind = "unknown"
)

// Socket is a stream socket of IPv4 or IPv6.
type Socket struct {
	Descriptors []int
	Inode       uint64
	Kind        Kind
	Why         string // it is Unknown

	State         mptcp.TCPState // 0: not known
	Local, Remote netip.AddrPort // not valid when not known, or there is none

	// Of a connection of kind MPTCP; nil when there is none, or it is not known.
	Token    *uint32
	Subflows *int // that are established
	Pending  *int // whose handshake is not complete

	// Options are those that the program has set, as far as that shows (Observe); nil:
	// not looked at.
	Options []string

	md5 bool // it has a key for TCP MD5 signatures
}

// Held is what a process holds.
type Held struct {
	PID     int
	Name    string         // of the program, as in /proc/PID/comm
	Sockets []Socket       // by the lowest descriptor of each
	Others  map[string]int // sockets of other protocols, counted by name: "udp", "unix"
	Rings   int            // io_uring instances
	Foreign bool           // it is in another network namespace than the caller
	Closed  error          // that namespace could not be entered, and why
}

// Count is how many of the sockets are of a kind.
func (h *Held) Count(kind Kind) (n int) {
	for i := range h.Sockets {
		if h.Sockets[i].Kind == kind {
			n++
		}
	}
	return n
}
