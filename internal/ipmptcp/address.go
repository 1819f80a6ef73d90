package ipmptcp

import (
	"net/netip"
	"strings"
)

// parseAddress reads an address as iproute2 does: of IPv4 the last bytes may be
// missing, and each may be octal or hexadecimal.
func parseAddress(word string) (netip.Addr, error) {
	addr, ok := parseIPv4(word)
	if strings.Contains(word, ":") {
		parsed, err := netip.ParseAddr(word)
		addr, ok = parsed, err == nil && parsed.Zone() == ""
	}
	if !ok {
		return addr, noAddress(word)
	}
	return addr, nil
}

func parseIPv4(word string) (netip.Addr, bool) {
	var bytes [4]byte
	parts := strings.Split(word, ".")
	if len(parts) > len(bytes) {
		return netip.Addr{}, false
	}
	for i, part := range parts {
		n, ok := number(part, 8)
		if !ok {
			return netip.Addr{}, false
		}
		bytes[i] = byte(n)
	}
	return netip.AddrFrom4(bytes), true
}

// parseEnd reads one end of a subflow. The port may be missing where it is 0
// then.
func parseEnd(word string, needsPort bool) (netip.AddrPort, error) {
	if end, err := netip.ParseAddrPort(word); err == nil && end.Addr().Zone() == "" {
		if needsPort && end.Port() == 0 {
			return end, wrong(word, "port cannot be 0")
		}
		return end, nil
	}
	bare := word
	if inside, bracketed := strings.CutPrefix(word, "["); bracketed {
		bare = strings.TrimSuffix(inside, "]")
	}
	addr, err := parseAddress(bare)
	if err != nil {
		return netip.AddrPort{}, noAddress(word)
	}
	if needsPort {
		return netip.AddrPort{}, wrong(word, "expected ADDRESS:PORT, [ADDRESS]:PORT for IPv6")
	}
	return netip.AddrPortFrom(addr, 0), nil
}

// formatAddress writes an address as the C library does: IPv6 addresses that
// begin with 96 zero bits (RFC 4291 section 2.5.5.1) end like an IPv4 one, but
// for :: and those up to ::ffff.
func formatAddress(addr netip.Addr) string {
	bytes := addr.As16()
	embedded := netip.AddrFrom4([4]byte(bytes[12:]))
	if addr.Is6() && [12]byte(bytes[:12]) == [12]byte{} && (bytes[12] != 0 || bytes[13] != 0) {
		return "::" + embedded.String()
	}
	return addr.String()
}
