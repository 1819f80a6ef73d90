package mptcp

import "golang.org/x/sys/unix"

// evidence is what the kernel tells about a connection that fell back. Nil: it
// does not say.
type evidence struct {
	flags     *uint32 // of its one subflow
	remoteKey *bool   // the peer's key has been received: its handshake had MP_CAPABLE
	resent    bool    // a segment had to be sent again, which may be a SYN
}

// Bits of the flags of a subflow, MPTCP_SUBFLOW_FLAG_... of linux/mptcp.h.
const (
	flagCapableRemote = 1 << 0
	flagCapableLocal  = 1 << 1
)

// Groups of causes that leave the same marks on a subflow.
const (
	handshakeCauses = causes(1<<CauseSYNACK | 1<<CauseSimultaneous)
	earlyCauses     = causes(1<<CauseDropped | 1<<CauseDisabled | 1<<CauseToken | 1<<CauseMD5 | 1<<CauseSimultaneous)
	lateCauses      = causes(1<<CauseMapping | 1<<CauseCorruption | 1<<CauseFail)
)

// causes are those which would have left these marks (net/mptcp/subflow.c,
// protocol.c and options.c). What gives up before any answer clears the local
// flag (and so does a simultaneous connect on Linux 6.18); the answer to the SYN sets
// the remote one, and a first packet without options clears it again. On an accepted
// connection the local one is never set.
func (e evidence) causes() (possible causes) {
	switch {
	case e.flags == nil:
		possible = allCauses
	case *e.flags&flagCapableRemote != 0:
		possible = lateCauses
	case *e.flags&flagCapableLocal != 0:
		possible = handshakeCauses | 1<<CauseFirstData
	default:
		possible = earlyCauses | 1<<CauseFirstData
	}
	if e.remoteKey != nil && *e.remoteKey {
		possible &^= handshakeCauses | earlyCauses
	} else if e.remoteKey != nil {
		possible &= handshakeCauses | earlyCauses
	}
	if !e.resent {
		possible &^= 1 << CauseDropped
	}
	return possible
}

// readEvidence asks sock_diag for the connection of a socket of the calling
// thread's namespace.
func readEvidence(fd int, diag *diagSocket) (e evidence) {
	e.resent = true
	if s, err := readTCP(fd); err == nil {
		e.resent = s.Retransmissions > 0
	}
	subflow, token, ok := diag.subflow(fd)
	if !ok {
		return e
	}
	e.flags = &subflow
	if info, err := diag.info(token); err == nil && info.Fallback {
		e.remoteKey = &info.RemoteKeyReceived
	}
	return e
}

// netnsCookie names the network namespace of a socket as long as the system runs
// (SO_NETNS_COOKIE, Linux 5.14).
func netnsCookie(fd int) (uint64, error) {
	return unix.GetsockoptUint64(fd, unix.SOL_SOCKET, unix.SO_NETNS_COOKIE)
}
