package sockdiag

import (
	"encoding/binary"
	"fmt"

	"allroads/mptcp"
)

// message is a struct inet_diag_msg and the attributes after it.
type message struct {
	family         uint8
	state          mptcp.TCPState
	id             sockID
	rqueue, wqueue uint32
	uid, inode     uint32
	attributes     attributes
}

const messageLen = 4 + sockIDLen + 20

func (m *message) decode(b []byte) error {
	if len(b) < messageLen {
		return fmt.Errorf("decode socket: message of %d bytes, less than %d", len(b), messageLen)
	}
	host := binary.NativeEndian
	m.family, m.state = b[0], mptcp.TCPState(b[1])
	m.id.decode(b[4:])
	m.rqueue, m.wqueue = host.Uint32(b[56:]), host.Uint32(b[60:])
	m.uid, m.inode = host.Uint32(b[64:]), host.Uint32(b[68:])
	m.attributes = b[messageLen:]
	return nil
}

// attributes are netlink attributes yet to be read.
type attributes []byte

// next takes an attribute off; ok is false at the end, and where the rest is none.
func (a *attributes) next() (kind uint16, value []byte, ok bool) {
	b := *a
	if len(b) < 4 {
		return 0, nil, false
	}
	size := int(binary.NativeEndian.Uint16(b))
	if size < 4 || size > len(b) {
		*a = nil
		return 0, nil, false
	}
	*a = b[min((size+3)&^3, len(b)):]
	const flags = 1<<15 | 1<<14 // NLA_F_NESTED, which nests lack here, and NLA_F_NET_BYTEORDER
	return binary.NativeEndian.Uint16(b[2:]) &^ flags, b[4:size], true
}

// find returns the value of an attribute.
func (a attributes) find(wanted uint16) ([]byte, bool) {
	for {
		kind, value, ok := a.next()
		if !ok || kind == wanted {
			return value, ok
		}
	}
}

// Attributes of sockets (INET_DIAG_... of linux/inet_diag.h).
const (
	attrInfo     = 2
	attrMark     = 15
	attrULPInfo  = 19
	attrCgroupID = 21
)
