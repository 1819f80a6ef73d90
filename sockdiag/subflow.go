package sockdiag

import (
	"net/netip"
	"time"

	"allroads/mptcp"
)

// Subflow is one TCP connection of a multipath connection.
type Subflow struct {
	State         mptcp.TCPState
	Local, Remote netip.AddrPort // an IPv4 address is never in IPv6 form
	Interface     uint32         // index of the one that the socket is bound to, 0: not bound

	// LocalID and RemoteID are the address ids of RFC 8684, section 3.4; 0 is
	// that of the addresses that the connection began with.
	LocalID, RemoteID uint8

	// RemoteToken is told only of a subflow that this end has joined, 0 of others.
	LocalToken, RemoteToken uint32

	Flags Flags
	TCP   TCPInfo

	RecvQueue, SendQueue uint32 // bytes not read by MPTCP yet, and not acknowledged on this subflow

	// Details are what only CAP_NET_ADMIN may see, since Linux 6.18; nil without.
	Details *Details
}

// Backup reports whether either end asked for this subflow to be used only when
// no other can be (RFC 8684, section 3.3.8).
func (s *Subflow) Backup() bool { return s.Flags&(BackupLocal|BackupRemote) != 0 }

// Initial reports whether it is the subflow that the connection began with.
func (s *Subflow) Initial() bool { return s.Flags&(JoinLocal|JoinRemote) == 0 }

// Flags are those of a subflow (MPTCP_SUBFLOW_FLAG_... of linux/mptcp.h).
type Flags uint32

// The flags, with the letters that ss prints.
const (
	CapableRemote    Flags = 1 << iota // M: the peer sent MP_CAPABLE
	CapableLocal                       // m: this end did
	JoinRemote                         // J: the peer sent MP_JOIN
	JoinLocal                          // j: this end did
	BackupRemote                       // B: the peer asked for a backup path
	BackupLocal                        // b: this end did
	FullyEstablished                   // e: data may go both ways (RFC 8684, figure 4)
	Connected                          // c: the handshake is over
	MappingValid                       // v: data of a mapping is being received
)

// TCPInfo is what TCP knows about a subflow: struct tcp_info of linux/tcp.h.
type TCPInfo struct {
	RTT    time.Duration // smoothed, to 1 µs; 0 until first measured
	RTTVar time.Duration // mean deviation of RTT
	MinRTT time.Duration // of the last five minutes; 0 until first measured
	RTO    time.Duration // retransmission time-out

	Cwnd         uint32 // congestion window, segments
	SSThresh     uint32 // segments; 2^31-1: none yet
	MSS          uint32 // bytes that fit into a segment sent
	PacingRate   uint64 // bytes per second; the largest number: not paced
	DeliveryRate uint64 // bytes per second, as last measured

	// Bytes of the TCP stream; MPTCP's options are not part of it.
	BytesSent          uint64 // with those sent again
	BytesAcked         uint64 // an acknowledged SYN or FIN counts as one
	BytesReceived      uint64
	BytesRetransmitted uint64

	SegmentsOut, SegmentsIn uint32
	Retransmissions         uint32 // segments sent again since the beginning
	Lost                    uint32 // segments in flight taken for lost
	Unacked                 uint32 // segments sent and not acknowledged

	// Timeouts is how often in a row the retransmission time-out has passed without
	// an answer; 0 when the path answers.
	Timeouts uint8

	Sent, Received, AckReceived time.Duration // how long ago, to 1 ms
}

// Details are where the mapping that is being received lies (RFC 8684, section
// 3.3.1), in host byte order.
type Details struct {
	WriteSeq      uint32 // subflow sequence number, relative, of the next byte written
	MapDSN        uint64 // data sequence number of the mapping's first byte
	MapSSN        uint32 // its relative subflow sequence number
	MapLength     uint16 // bytes
	SubflowOffset uint32 // of the relative sequence numbers in this subflow
}
