package sockdiag

import (
	"encoding/binary"

	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// Of linux/sock_diag.h and linux/inet_diag.h.
const (
	byFamily    = 20           // SOCK_DIAG_BY_FAMILY
	extInfo     = 1 << (2 - 1) // INET_DIAG_INFO, as a bit of idiag_ext
	reqProtocol = 3            // INET_DIAG_REQ_PROTOCOL
	noCookie    = ^uint64(0)   // INET_DIAG_NOCOOKIE, twice
)

const (
	protocolTCP   = unix.IPPROTO_TCP
	protocolMPTCP = unix.IPPROTO_MPTCP
	noProtocol    = 254 // for experiments, RFC 3692
)

// subflowStates are those of TCP sockets that can be a subflow: one in TIME_WAIT is
// no longer told from other TCP sockets.
const subflowStates = anyState &^ (listenState | 1<<mptcp.StateTimeWait | 1<<mptcp.StateNewSynRecv | 1<<mptcp.StateBoundInactive)

// request is a struct inet_diag_req_v2.
type request struct {
	family   uint8
	protocol uint32
	states   uint32
	id       sockID
}

// append writes the request in host byte order. MPTCP's number is too large for
// the field of the protocol and has an attribute; a kernel that does not know that
// finds a protocol which there is not, rather than another one.
func (r *request) append(b []byte) []byte {
	host := binary.NativeEndian
	protocol := uint8(noProtocol)
	if r.protocol < noProtocol {
		protocol = uint8(r.protocol)
	}
	b = append(b, r.family, protocol, extInfo, 0)
	b = host.AppendUint32(b, r.states)
	b = r.id.append(b)
	b = host.AppendUint16(b, 8)
	b = host.AppendUint16(b, reqProtocol)
	return host.AppendUint32(b, r.protocol)
}
