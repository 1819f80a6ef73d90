package sockdiag

import (
	"allroads/internal/inetdiag"
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// record is a subflow in as little room as may be, since those of all connections
// are held: about 200 bytes, without pointers.
type record struct {
	id     inetdiag.ID
	mapDSN uint64
	tcp    compactTCP

	family             uint8
	state              mptcp.TCPState
	localID, remoteID  uint8
	token, remoteToken uint32
	flags              Flags
	rqueue, wqueue     uint32
	writeSeq, mapSSN   uint32
	ssnOffset          uint32
	mapLength          uint16
	details            bool // those that only CAP_NET_ADMIN sees are there
	next               int32
}

// decode reads a TCP socket, and reports whether it is a subflow.
func (r *record) decode(m *message) bool {
	*r = record{id: m.id, family: m.family, state: m.state, rqueue: m.rqueue, wqueue: m.wqueue}
	ulp := m.attributes.Find(inetdiag.AttrULPInfo)
	info := m.attributes.Find(inetdiag.AttrInfo)
	return r.decodeULP(ulp) && r.tcp.decode(info)
}

// unpack fills in a subflow, whose Details are reused if there are any.
func (r *record) unpack(into *Subflow, details *Details) {
	*into = Subflow{
		State: r.state, Interface: r.id.Interface, LocalID: r.localID, RemoteID: r.remoteID,
		LocalToken: r.token, RemoteToken: r.remoteToken, Flags: r.flags,
		RecvQueue: r.rqueue, SendQueue: r.wqueue,
	}
	into.Local, into.Remote = r.id.Addrs(r.family)
	r.tcp.unpack(&into.TCP)
	if r.details {
		*details = Details{r.writeSeq, r.mapDSN, r.mapSSN, r.mapLength, r.ssnOffset}
		into.Details = details
	}
}

// initial reports whether it is the subflow that the connection began with.
func (r *record) initial() bool { return r.flags&(JoinLocal|JoinRemote) == 0 }

// key is what the subflows of a connection have in common: the token, or nothing
// but the socket itself where the connection has none; see source.listTokenless.
func (r *record) key() uint64 {
	if r.token != 0 {
		return uint64(r.token)
	}
	return tokenless | r.id.Cookie
}

const tokenless = 1 << 63

// lookup is the request for this socket alone.
func (r *record) lookup() inetdiag.Request {
	return inetdiag.Request{Family: r.family, Protocol: unix.IPPROTO_TCP, States: anyState, ID: r.id}
}
