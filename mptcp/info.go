package mptcp

import "time"

// Info is the state of a connection above its subflows: struct mptcp_info of
// include/uapi/linux/mptcp.h. What this kernel does not tell is nil; a zero is
// the kernel's. Data sequence numbers are the 64-bit ones of RFC 8684, section
// 3.3, in host order.
type Info struct {
	Token             uint32 // of this end, as `ss -M` prints it; RFC 8684, section 3.2
	Fallback          bool   // the connection fell back to TCP just now: later reads answer ErrNotMPTCP
	RemoteKeyReceived bool   // the peer's key is known
	Checksums         bool   // DSS checksums are on (RFC 8684, section 3.3.1)

	WriteSeq uint64 // number of the next byte the program writes
	SndUna   uint64 // first byte sent and not acknowledged
	RcvNxt   uint64 // next byte expected in order

	// ExtraSubflows counts subflows besides the initial one. It includes those
	// whose handshake is not complete: see Conn.WaitSubflows for the others.
	ExtraSubflows   uint8
	AddAddrSignal   uint8 // addresses announced to the peer
	AddAddrAccepted uint8 // the peer's announcements acted upon
	LocalAddrUsed   uint8 // local endpoints used for subflows

	Limits Limits

	Traffic       *Traffic // since Linux 6.5
	SubflowsTotal *uint8   // the initial subflow, if alive, and ExtraSubflows; since Linux 6.8
	Idle          *Idle    // since Linux 6.10
}

// Limits are what the in-kernel path manager keeps to on the connection, all
// zero on a listener and under the userspace path manager.
type Limits struct {
	ExtraSubflows    uint8 // subflows besides the initial one
	AddAddrAccepted  uint8 // announced addresses acted upon
	SignalEndpoints  uint8 // endpoints with flag signal
	SubflowEndpoints uint8 // endpoints with flag subflow

	// The kernel has no way to tell "none" from "not known here": the next two
	// are nil in both cases.
	LaminarEndpoints  *uint8 // endpoints with flag laminar, 1 or more; since Linux 6.18
	FullmeshEndpoints *uint8 // endpoints with flag fullmesh, 1 or more; after Linux 6.18
}

// Traffic counts payload bytes since the connection began, each byte once
// whatever subflow carried it.
type Traffic struct {
	BytesSent          uint64 // without those sent again
	BytesAcked         uint64 // by the peer at data level; an acknowledged DATA_FIN counts as one
	BytesReceived      uint64
	BytesRetransmitted uint64 // sent again at data level, on the same or another subflow
	Retransmits        uint32 // how often the closing DATA_FIN was sent again
}

// Idle is how long ago something last happened, with a resolution of 1 ms; what
// never happened counts from the making of the socket.
type Idle struct {
	DataSent     time.Duration
	DataReceived time.Duration
	AckReceived  time.Duration // of data level
}
