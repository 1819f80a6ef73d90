package wire

import (
	"encoding/binary"
	"net/netip"
)

// AddAddr is ADD_ADDR, an address the sender can be reached at (RFC 8684 section 3.4.1, RFC 6824 section
// 3.4.1). The length decides what it carries:
//
//	 8 or 10  v0, or a v1 echo: IPv4, IPv4 and port
//	16 or 18  v1: the same with the HMAC
//	20 or 22  v0, or a v1 echo: IPv6, IPv6 and port
//	28 or 30  v1: the same with the HMAC
//
// The option has no version field. One without an HMAC is v1 when bit E is set and v0 when the four bits are
// the IP version of the address (4 or 6); a v1 announcement without HMAC does not exist.
type AddAddr struct {
	Version   Version    `json:"version"`
	Echo      bool       `json:"echo,omitempty"` // bit E of v1: confirms the announcement
	AddressID uint8      `json:"address_id"`
	Addr      netip.Addr `json:"addr"` // an IPv4-mapped address is an IPv6 one; a zone is not sent
	HasPort   bool       `json:"has_port,omitempty"`
	Port      uint16     `json:"port,omitempty"`
	HasHMAC   bool       `json:"has_hmac,omitempty"`
	HMAC      [8]byte    `json:"-"` // see AddAddrHMAC
}

// addAddrShape is what one length of ADD_ADDR means.
type addAddrShape struct{ addr, port, hmac int }

func addAddrShapeOf(n int) (s addAddrShape, ok bool) {
	switch n {
	case 8, 10, 16, 18:
		s.addr = 4
	case 20, 22, 28, 30:
		s.addr = 16
	default:
		return s, false
	}
	rest := n - 4 - s.addr
	s.hmac = rest &^ 7
	s.port = rest & 7
	return s, true
}

// ParseAddAddr reads the whole option b into a. The error is ErrKind, ErrSubtype or ErrLength.
func ParseAddAddr(b []byte, a *AddAddr) error {
	*a = AddAddr{}
	if err := check(b, SubtypeAddAddr); err != nil {
		return err
	}
	s, ok := addAddrShapeOf(len(b))
	if !ok {
		return lengthError(SubtypeAddAddr)
	}
	version, echo, ok := addAddrVersion(b[2]&15, s)
	if !ok {
		return lengthError(SubtypeAddAddr)
	}
	a.Version, a.Echo, a.AddressID = version, echo, b[3]
	b = b[4:]
	if s.addr == 4 {
		a.Addr = netip.AddrFrom4([4]byte(b))
	} else {
		a.Addr = netip.AddrFrom16([16]byte(b))
	}
	b = b[s.addr:]
	if s.port != 0 {
		a.HasPort, a.Port = true, binary.BigEndian.Uint16(b)
	}
	if s.hmac != 0 {
		a.HasHMAC, a.HMAC = true, [8]byte(b[s.port:])
	}
	return nil
}

// addAddrVersion reads the four bits beside the subtype: IPVer in v0, three reserved bits and E in v1.
func addAddrVersion(low uint8, s addAddrShape) (v Version, echo, ok bool) {
	echo = low&1 != 0
	if s.hmac != 0 {
		return V1, false, !echo
	}
	if echo {
		return V1, true, true
	}
	return V0, false, low == ipVersion(s.addr)
}

func ipVersion(addrLength int) uint8 {
	if addrLength == 4 {
		return 4
	}
	return 6
}

// AppendAddAddr appends the option a describes. Nothing is appended without an address, for a version other
// than v0 and v1, for a v0 echo or HMAC, and for a v1 option with both echo and HMAC or neither.
func AppendAddAddr(b []byte, a *AddAddr) []byte {
	if !a.valid() {
		return b
	}
	s := addAddrShape{addr: a.Addr.BitLen() / 8, port: 2 * int(bit(a.HasPort)), hmac: 8 * int(bit(a.HasHMAC))}
	low := bit(a.Echo)
	if a.Version == V0 {
		low = ipVersion(s.addr)
	}
	b = append(appendHead(b, 4+s.addr+s.port+s.hmac, SubtypeAddAddr, low), a.AddressID)
	if s.addr == 4 {
		v4 := a.Addr.As4()
		b = append(b, v4[:]...)
	} else {
		v6 := a.Addr.As16()
		b = append(b, v6[:]...)
	}
	if a.HasPort {
		b = binary.BigEndian.AppendUint16(b, a.Port)
	}
	if a.HasHMAC {
		b = append(b, a.HMAC[:]...)
	}
	return b
}

func (a *AddAddr) valid() bool {
	switch {
	case !a.Addr.IsValid():
		return false
	case a.Version == V0:
		return !a.Echo && !a.HasHMAC
	default:
		return a.Version == V1 && a.Echo != a.HasHMAC
	}
}

// String is the option as [Option.String] shows it.
func (a *AddAddr) String() string { return string(a.appendText(nil)) }

func (a *AddAddr) appendText(b []byte) []byte {
	b = append(b, "ADD_ADDR"...)
	b = appendWord(b, a.Version == V0, " v0")
	b = appendWord(b, a.Echo, " echo")
	b = appendNumber(b, " id=", uint64(a.AddressID))
	b = appendAddr(append(b, ' '), a.Addr, a.HasPort, a.Port)
	if a.HasHMAC {
		b = appendBytes(b, " hmac=", a.HMAC[:])
	}
	return b
}
