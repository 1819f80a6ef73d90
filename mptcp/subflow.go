package mptcp

import (
	"net/netip"
	"time"
)

// Subflow is one TCP connection of a multipath connection. The address ids of
// RFC 8684, section 3.4, and whether it is a backup are not among it: no socket
// option tells them, the sock_diag interface does (package sockdiag).
type Subflow struct {
	// ID numbers the subflows of this end of the connection from 1, in the
	// order of their making; it is never used again in the connection. It is
	// nil before Linux 6.5, which does not tell it.
	ID *uint32

	Local, Remote netip.AddrPort // an IPv4 address is never in IPv6 form
	State         TCPState

	RTT    time.Duration // smoothed, to 1 µs; 0 until first measured
	RTTVar time.Duration // mean deviation of RTT

	// Bytes of the TCP stream as in struct tcp_info of
	// include/uapi/linux/tcp.h. MPTCP's options are not part of them.
	BytesSent          uint64 // with those sent again
	BytesAcked         uint64 // an acknowledged SYN or FIN counts as one
	BytesReceived      uint64
	BytesRetransmitted uint64

	SegmentsSent     uint32 // with those without payload, and those sent again
	SegmentsReceived uint32
	Retransmissions  uint32 // segments sent again since the beginning, SYNs among them
}
