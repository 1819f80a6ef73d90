package choose

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// networkOf is the network of an address with the length of a prefix, "" for that
// address alone.
func networkOf(ip netip.Addr, bits string) (netip.Prefix, error) {
	most := ip.BitLen()
	if bits == "" {
		return unmapped(netip.PrefixFrom(ip, most)), nil
	}
	n, ok := number(bits)
	whole := netip.AddrPortFrom(ip, 0).String()
	asPort := strings.TrimSuffix(whole, "0") + bits
	if !ok || n > most {
		return netip.Prefix{}, fmt.Errorf("%q is no length of a prefix (0 to %d): for a port write %s", bits, most, asPort)
	}
	network := netip.PrefixFrom(ip, n)
	if network.Masked() != network {
		return netip.Prefix{}, fmt.Errorf("it may be a network or a port: write %s or %s", network.Masked(), asPort)
	}
	return unmapped(network), nil
}

// unmapped makes networks of IPv4-mapped addresses such of IPv4. Shorter ones than
// that of all of them have bits behind the prefix, and were refused.
func unmapped(network netip.Prefix) netip.Prefix {
	if ip := network.Addr(); ip.Is4In6() {
		const mapped = 96
		return netip.PrefixFrom(ip.Unmap(), network.Bits()-mapped)
	}
	return network
}

// number reads decimal digits alone.
func number(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil
}
