package sockdiag

import (
	"encoding/binary"
	"errors"
	"net/netip"

	"allroads/internal/inetdiag"
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

var errNoInfo = errors.New("decode mptcp socket: no struct mptcp_info in the kernel's answer")

// decode reads an MPTCP socket; the slice of subflows is kept for reuse.
func (c *Connection) decode(m *message) error {
	info := c.Info // Lets ParseInfo reuse what it points to.
	c.decodeSocket(m)
	value := m.attributes.Find(inetdiag.AttrInfo)
	if value == nil {
		return errNoInfo
	}
	c.Info = info
	return mptcp.ParseInfo(value, &c.Info)
}

// decodeSocket reads what TCP sockets have too.
func (c *Connection) decodeSocket(m *message) {
	*c = Connection{
		State: m.state, V6Socket: m.family == unix.AF_INET6, Subflows: c.Subflows[:0],
		RecvQueue: m.rqueue, SendQueue: m.wqueue, UID: m.uid, Inode: uint64(m.inode), Cookie: m.id.Cookie,
	}
	c.Local, c.Remote = m.id.Addrs(m.family)
	if c.State == mptcp.StateListen {
		c.Remote = netip.AddrPort{}
	}
	if mark := m.attributes.Find(inetdiag.AttrMark); len(mark) == 4 {
		c.Mark = binary.NativeEndian.Uint32(mark)
	}
	if id := m.attributes.Find(inetdiag.AttrCgroupID); len(id) == 8 {
		c.CgroupID = binary.NativeEndian.Uint64(id)
	}
}
