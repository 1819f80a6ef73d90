package inetdiag

import (
	"encoding/binary"
)

// Of linux/sock_diag.h and linux/inet_diag.h.
const (
	ByFamily   = 20             // SOCK_DIAG_BY_FAMILY, the type of requests and answers
	MessageLen = 4 + IDLen + 20 // of struct inet_diag_msg, in front of an answer's attributes

	extInfo     = 1 << (AttrInfo - 1) // as a bit of idiag_ext
	reqProtocol = 3                   // INET_DIAG_REQ_PROTOCOL
	noProtocol  = 254                 // for experiments, RFC 3692
)

// Attributes of sockets (INET_DIAG_...), those of INET_DIAG_ULP_INFO, and those of the
// nest in it (MPTCP_SUBFLOW_ATTR_... of linux/mptcp.h).
const (
	AttrInfo     = 2
	AttrMark     = 15
	AttrULPInfo  = 19
	AttrCgroupID = 21

	ULPName  = 1
	ULPMPTCP = 3

	SubflowTokenRemote = 1
	SubflowTokenLocal  = 2
	SubflowWriteSeq    = 3
	SubflowMapDSN      = 4
	SubflowMapSSN      = 5
	SubflowOffset      = 6
	SubflowMapLength   = 7
	SubflowFlags       = 8
	SubflowRemoteID    = 9
	SubflowLocalID     = 10
)

// Request is a struct inet_diag_req_v2 that asks for INET_DIAG_INFO, too.
type Request struct {
	Family   uint8
	Protocol uint32
	States   uint32 // a bit for each
	ID       ID
}

// Append writes the request in host byte order. MPTCP's number is too large for
// the field of the protocol and has an attribute; a kernel that does not know that
// finds a protocol which there is not, rather than another one.
func (r *Request) Append(b []byte) []byte {
	host := binary.NativeEndian
	protocol := uint8(noProtocol)
	if r.Protocol < noProtocol {
		protocol = uint8(r.Protocol)
	}
	b = append(b, r.Family, protocol, extInfo, 0)
	b = host.AppendUint32(b, r.States)
	b = r.ID.Append(b)
	b = host.AppendUint16(b, 8)
	b = host.AppendUint16(b, reqProtocol)
	return host.AppendUint32(b, r.Protocol)
}
