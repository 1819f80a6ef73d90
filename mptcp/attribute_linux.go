package mptcp

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// attribute finds the netlink attribute of a type, nil when there is none.
func attribute(b []byte, kind uint16) []byte {
	host := binary.NativeEndian
	for len(b) >= 4 {
		size := int(host.Uint16(b))
		if size < 4 || size > len(b) {
			return nil
		}
		if host.Uint16(b[2:])&^(unix.NLA_F_NESTED|unix.NLA_F_NET_BYTEORDER) == kind {
			return b[4:size]
		}
		b = b[min((size+3)&^3, len(b)):]
	}
	return nil
}
