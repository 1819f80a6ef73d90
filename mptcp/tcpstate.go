package mptcp

import "strconv"

// TCPState is the state of a TCP connection, with the kernel's numbers
// (include/net/tcp_states.h).
type TCPState uint8

// The states of RFC 9293, section 3.3.2, and the kernel's two of its own.
const (
	StateEstablished   TCPState = 1
	StateSynSent       TCPState = 2
	StateSynRecv       TCPState = 3
	StateFinWait1      TCPState = 4
	StateFinWait2      TCPState = 5
	StateTimeWait      TCPState = 6
	StateClose         TCPState = 7
	StateCloseWait     TCPState = 8
	StateLastAck       TCPState = 9
	StateListen        TCPState = 10
	StateClosing       TCPState = 11
	StateNewSynRecv    TCPState = 12 // a connection request, not a socket yet
	StateBoundInactive TCPState = 13 // bound and not listening; seen by sock_diag only
)

var stateNames = [...]string{
	StateEstablished: "ESTABLISHED", StateSynSent: "SYN_SENT", StateSynRecv: "SYN_RECV",
	StateFinWait1: "FIN_WAIT1", StateFinWait2: "FIN_WAIT2", StateTimeWait: "TIME_WAIT",
	StateClose: "CLOSE", StateCloseWait: "CLOSE_WAIT", StateLastAck: "LAST_ACK",
	StateListen: "LISTEN", StateClosing: "CLOSING", StateNewSynRecv: "NEW_SYN_RECV",
	StateBoundInactive: "BOUND_INACTIVE",
}

// String returns the kernel's name without its prefix: "ESTABLISHED",
// "SYN_SENT"; a number it has no name for as "TCPState(N)".
func (s TCPState) String() string {
	if int(s) < len(stateNames) && stateNames[s] != "" {
		return stateNames[s]
	}
	return "TCPState(" + strconv.Itoa(int(s)) + ")"
}
