package sockdiag

import (
	"encoding/binary"
	"fmt"

	"allroads/internal/inetdiag"
	"allroads/internal/nl"
	"allroads/mptcp"
)

// message is a struct inet_diag_msg and the attributes after it.
type message struct {
	family         uint8
	state          mptcp.TCPState
	id             inetdiag.ID
	rqueue, wqueue uint32
	uid, inode     uint32
	attributes     nl.Attributes
}

func (m *message) decode(b []byte) error {
	if len(b) < inetdiag.MessageLen {
		return fmt.Errorf("decode socket: message of %d bytes, less than %d", len(b), inetdiag.MessageLen)
	}
	host := binary.NativeEndian
	m.family, m.state = b[0], mptcp.TCPState(b[1])
	m.id.Decode(b[4:])
	m.rqueue, m.wqueue = host.Uint32(b[56:]), host.Uint32(b[60:])
	m.uid, m.inode = host.Uint32(b[64:]), host.Uint32(b[68:])
	m.attributes = b[inetdiag.MessageLen:]
	return nil
}
