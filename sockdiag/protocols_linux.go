package sockdiag

import (
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

const (
	protocolTCP   = unix.IPPROTO_TCP
	protocolMPTCP = unix.IPPROTO_MPTCP
)

// subflowStates are those of TCP sockets that can be a subflow: one in TIME_WAIT is
// no longer told from other TCP sockets.
const subflowStates = anyState &^ (listenState | 1<<mptcp.StateTimeWait | 1<<mptcp.StateNewSynRecv | 1<<mptcp.StateBoundInactive)
