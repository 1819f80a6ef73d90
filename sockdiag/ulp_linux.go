package sockdiag

import "encoding/binary"

// Attributes of INET_DIAG_ULP_INFO, and of the nest in it (MPTCP_SUBFLOW_ATTR_...
// of linux/mptcp.h).
const (
	ulpName  = 1
	ulpMPTCP = 3

	subflowTokenRemote = 1
	subflowTokenLocal  = 2
	subflowWriteSeq    = 3
	subflowMapDSN      = 4
	subflowMapSSN      = 5
	subflowOffset      = 6
	subflowMapLength   = 7
	subflowFlags       = 8
	subflowRemoteID    = 9
	subflowLocalID     = 10
	detailsNumber      = 5 // how many of them only CAP_NET_ADMIN sees
	ulpNameMPTCP       = "mptcp\x00"
)

// decodeULP reads INET_DIAG_ULP_INFO, and reports whether it is that of a subflow.
func (r *record) decodeULP(nest attributes) bool {
	for {
		kind, value, ok := nest.next()
		switch {
		case !ok:
			return false
		case kind == ulpName && string(value) != ulpNameMPTCP:
			return false
		case kind == ulpMPTCP:
			r.decodeSubflow(value)
			return true
		}
	}
}

// isMPTCP reports whether INET_DIAG_ULP_INFO names MPTCP, as that of a listener
// does, with nothing else in it.
func isMPTCP(nest attributes) bool {
	name, _ := nest.find(ulpName)
	return string(name) == ulpNameMPTCP
}

func (r *record) decodeSubflow(nest attributes) {
	details := 0
	for {
		kind, value, ok := nest.next()
		if !ok {
			r.details = details == detailsNumber
			return
		}
		n, ok := integer(value)
		if !ok {
			continue
		}
		if kind >= subflowWriteSeq && kind <= subflowMapLength {
			details++
		}
		r.setSubflow(kind, n)
	}
}

func (r *record) setSubflow(kind uint16, n uint64) {
	switch kind {
	case subflowTokenRemote:
		r.remoteToken = uint32(n)
	case subflowTokenLocal:
		r.token = uint32(n)
	case subflowFlags:
		r.flags = Flags(n)
	case subflowRemoteID:
		r.remoteID = uint8(n)
	case subflowLocalID:
		r.localID = uint8(n)
	case subflowWriteSeq:
		r.writeSeq = uint32(n)
	case subflowMapDSN:
		r.mapDSN = n
	case subflowMapSSN:
		r.mapSSN = uint32(n)
	case subflowOffset:
		r.ssnOffset = uint32(n)
	case subflowMapLength:
		r.mapLength = uint16(n)
	}
}

// integer reads one of the size that the kernel chose, which another kernel may
// choose otherwise.
func integer(b []byte) (uint64, bool) {
	host := binary.NativeEndian
	switch len(b) {
	case 1:
		return uint64(b[0]), true
	case 2:
		return uint64(host.Uint16(b)), true
	case 4:
		return uint64(host.Uint32(b)), true
	case 8:
		return host.Uint64(b), true
	}
	return 0, false
}
