package sockdiag

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"
)

// sockID is a struct inet_diag_sockid: what names a socket. Addresses are as the
// kernel has them, an IPv4 socket's in the first four bytes.
type sockID struct {
	cookie                uint64
	local, remote         [16]byte
	ifindex               uint32
	localPort, remotePort uint16
}

const sockIDLen = 48

func (id *sockID) append(b []byte) []byte {
	host := binary.NativeEndian
	b = binary.BigEndian.AppendUint16(b, id.localPort)
	b = binary.BigEndian.AppendUint16(b, id.remotePort)
	b = append(append(b, id.local[:]...), id.remote[:]...)
	b = host.AppendUint32(b, id.ifindex)
	b = host.AppendUint32(b, uint32(id.cookie))
	return host.AppendUint32(b, uint32(id.cookie>>32))
}

// decode reads sockIDLen bytes.
func (id *sockID) decode(b []byte) {
	host := binary.NativeEndian
	id.localPort = binary.BigEndian.Uint16(b)
	id.remotePort = binary.BigEndian.Uint16(b[2:])
	id.local = [16]byte(b[4:])
	id.remote = [16]byte(b[20:])
	id.ifindex = host.Uint32(b[36:])
	id.cookie = uint64(host.Uint32(b[40:])) | uint64(host.Uint32(b[44:]))<<32
}

// addrs returns the addresses of a socket of a family. A zone is not told, but
// for the interface that the socket is bound to.
func (id *sockID) addrs(family uint8) (local, remote netip.AddrPort) {
	return addrPort(family, id.local, id.localPort), addrPort(family, id.remote, id.remotePort)
}

func addrPort(family uint8, addr [16]byte, port uint16) netip.AddrPort {
	if family == unix.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(addr[:4])), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(addr).Unmap(), port)
}
