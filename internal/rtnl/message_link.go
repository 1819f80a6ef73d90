package rtnl

import (
	"bytes"
	"encoding/binary"

	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// linkMessage is an RTM_NEWLINK or RTM_DELLINK.
type linkMessage struct {
	Link
	// partial: a message of the wireless extensions, which has the flags alone.
	partial bool
}

// parseLink reads a struct ifinfomsg and its attributes. What is not about the
// interface itself is not ok: a bridge tells of its ports in messages of family
// AF_BRIDGE, where RTM_DELLINK is a port that leaves.
func parseLink(b []byte) (m linkMessage, ok bool) {
	host := binary.NativeEndian
	if len(b) < unix.SizeofIfInfomsg || b[0] != unix.AF_UNSPEC {
		return linkMessage{}, false
	}
	flags := host.Uint32(b[8:])
	m.Hardware, m.Index = host.Uint16(b[2:]), int(int32(host.Uint32(b[4:])))
	m.Up, m.Running = flags&unix.IFF_UP != 0, flags&unix.IFF_RUNNING != 0
	m.Loopback, m.PointToPoint = flags&unix.IFF_LOOPBACK != 0, flags&unix.IFF_POINTOPOINT != 0
	rest := nl.Attributes(b[unix.SizeofIfInfomsg:])
	for {
		kind, value, more := rest.Next()
		if !more {
			return m, m.Index > 0
		}
		m.attribute(kind, value)
	}
}

func (m *linkMessage) attribute(kind uint16, value []byte) {
	switch kind {
	case unix.IFLA_IFNAME:
		m.Name = text(value)
	case unix.IFLA_MTU:
		m.MTU = int(number(value))
	case unix.IFLA_MASTER:
		m.Master = int(number(value))
	case unix.IFLA_LINKINFO:
		m.Kind = text(nl.Attributes(value).Find(unix.IFLA_INFO_KIND))
	case unix.IFLA_WIRELESS:
		m.partial = true
	}
}

// text is a string that the kernel ends with a zero.
func text(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	return string(b)
}

// number is a 32-bit number, 0 where there is none.
func number(b []byte) uint32 {
	if len(b) < 4 {
		return 0
	}
	return binary.NativeEndian.Uint32(b)
}
