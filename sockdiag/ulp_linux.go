package sockdiag

import (
	"encoding/binary"

	"allroads/internal/inetdiag"
	"allroads/internal/nl"
)

const (
	detailsNumber = 5 // how many attributes of a subflow only CAP_NET_ADMIN sees
	ulpNameMPTCP  = "mptcp\x00"
)

// decodeULP reads INET_DIAG_ULP_INFO, and reports whether it is that of a subflow.
func (r *record) decodeULP(nest nl.Attributes) bool {
	for {
		kind, value, ok := nest.Next()
		switch {
		case !ok:
			return false
		case kind == inetdiag.ULPName && string(value) != ulpNameMPTCP:
			return false
		case kind == inetdiag.ULPMPTCP:
			r.decodeSubflow(value)
			return true
		}
	}
}

// isMPTCP reports whether INET_DIAG_ULP_INFO names MPTCP, as that of a listener
// does, with nothing else in it.
func isMPTCP(nest nl.Attributes) bool {
	return string(nest.Find(inetdiag.ULPName)) == ulpNameMPTCP
}

func (r *record) decodeSubflow(nest nl.Attributes) {
	details := 0
	for {
		kind, value, ok := nest.Next()
		if !ok {
			r.details = details == detailsNumber
			return
		}
		n, ok := integer(value)
		if !ok {
			continue
		}
		if kind >= inetdiag.SubflowWriteSeq && kind <= inetdiag.SubflowMapLength {
			details++
		}
		r.setSubflow(kind, n)
	}
}

func (r *record) setSubflow(kind uint16, n uint64) {
	switch kind {
	case inetdiag.SubflowTokenRemote:
		r.remoteToken = uint32(n)
	case inetdiag.SubflowTokenLocal:
		r.token = uint32(n)
	case inetdiag.SubflowFlags:
		r.flags = Flags(n)
	case inetdiag.SubflowRemoteID:
		r.remoteID = uint8(n)
	case inetdiag.SubflowLocalID:
		r.localID = uint8(n)
	case inetdiag.SubflowWriteSeq:
		r.writeSeq = uint32(n)
	case inetdiag.SubflowMapDSN:
		r.mapDSN = n
	case inetdiag.SubflowMapSSN:
		r.mapSSN = uint32(n)
	case inetdiag.SubflowOffset:
		r.ssnOffset = uint32(n)
	case inetdiag.SubflowMapLength:
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
