package inetdiag

import (
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"
)

// ID is a struct inet_diag_sockid: what names a socket. Addresses are as the kernel
// has them, an IPv4 socket's in the first four bytes; ports in host byte order.
type ID struct {
	Cookie                uint64
	Local, Remote         [16]byte
	Interface             uint32 // that the socket is bound to, 0: none
	LocalPort, RemotePort uint16
}

// IDLen is the length of an ID in bytes.
const IDLen = 48

// NoCookie stands for any (INET_DIAG_NOCOOKIE, twice).
const NoCookie = ^uint64(0)

// Append writes an ID as the kernel has it.
func (id *ID) Append(b []byte) []byte {
	host := binary.NativeEndian
	b = binary.BigEndian.AppendUint16(b, id.LocalPort)
	b = binary.BigEndian.AppendUint16(b, id.RemotePort)
	b = append(append(b, id.Local[:]...), id.Remote[:]...)
	b = host.AppendUint32(b, id.Interface)
	b = host.AppendUint32(b, uint32(id.Cookie))
	return host.AppendUint32(b, uint32(id.Cookie>>32))
}

// Decode reads IDLen bytes.
func (id *ID) Decode(b []byte) {
	host := binary.NativeEndian
	id.LocalPort = binary.BigEndian.Uint16(b)
	id.RemotePort = binary.BigEndian.Uint16(b[2:])
	id.Local = [16]byte(b[4:])
	id.Remote = [16]byte(b[20:])
	id.Interface = host.Uint32(b[36:])
	id.Cookie = uint64(host.Uint32(b[40:])) | uint64(host.Uint32(b[44:]))<<32
}

// Addrs returns the addresses of a socket of a family. A zone is not told, but
// for the interface that the socket is bound to.
func (id *ID) Addrs(family uint8) (local, remote netip.AddrPort) {
	return addrPort(family, id.Local, id.LocalPort), addrPort(family, id.Remote, id.RemotePort)
}

func addrPort(family uint8, addr [16]byte, port uint16) netip.AddrPort {
	if family == unix.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(addr[:4])), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(addr).Unmap(), port)
}
