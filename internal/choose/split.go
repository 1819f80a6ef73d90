package choose

import (
	"fmt"
	"net/netip"
	"strings"
)

// split takes a rule apart: host without brackets, the length of a prefix or "",
// and ports or "".
func split(text string) (host, bits, ports string, err error) {
	if inside, rest, ok := cutBrackets(text); ok {
		return splitBrackets(text, inside, rest)
	}
	host, rest, slash := strings.Cut(text, "/")
	if slash {
		if _, err := netip.ParseAddr(host); err != nil {
			return splitName(text, host, rest)
		}
		bits, ports, err = splitBits(text, rest)
		return host, bits, ports, err
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return text, "", "", nil
	}
	host, ports, colon := strings.Cut(text, ":")
	switch {
	case strings.Contains(ports, ":"):
		i := strings.LastIndex(text, ":")
		return "", "", "", fmt.Errorf("it is no IPv6 address: for one with a port write [%s]%s", text[:i], text[i:])
	case colon && ports == "":
		return "", "", "", fmt.Errorf("there is no port behind the colon: for every port write %s", host)
	}
	return host, "", ports, nil
}

// splitName is for NAME/PORTS.
func splitName(text, host, rest string) (string, string, string, error) {
	if strings.ContainsAny(host, ":[]") || rest == "" || strings.ContainsAny(rest, "/:") {
		return "", "", "", fmt.Errorf("it is neither NAME/PORT nor ADDRESS/BITS: write as 10.0.0.0/8:443 or [2001:db8::]/32:443")
	}
	return host, "", rest, nil
}

// splitBits is for what comes behind the slash of a network.
func splitBits(text, rest string) (bits, ports string, err error) {
	bits, ports, colon := strings.Cut(rest, ":")
	if bits == "" || colon && ports == "" {
		return "", "", fmt.Errorf("something is missing behind %q: write as 10.0.0.0/8 or 10.0.0.0/8:443", text[:len(text)-len(rest)+len(bits)])
	}
	return bits, ports, nil
}

func cutBrackets(text string) (inside, rest string, ok bool) {
	after, ok := strings.CutPrefix(text, "[")
	if !ok {
		return "", "", false
	}
	return strings.Cut(after, "]")
}

// splitBrackets is for [ADDRESS], [ADDRESS]/BITS and [NETWORK/BITS], each with ports
// or without.
func splitBrackets(text, inside, rest string) (host, bits, ports string, err error) {
	host, bits, _ = strings.Cut(inside, "/")
	if ip, err := netip.ParseAddr(host); err != nil || !ip.Is6() {
		return "", "", "", fmt.Errorf("in brackets there has to be an IPv6 address, not %q", inside)
	}
	switch {
	case rest == "":
		return host, bits, "", nil
	case rest[0] == '/' && bits == "":
		bits, ports, err = splitBits(text, rest[1:])
		return host, bits, ports, err
	case rest[0] == ':' && len(rest) > 1:
		return host, bits, rest[1:], nil
	}
	return "", "", "", fmt.Errorf("behind the bracket there has to be :PORT or /BITS, not %q", rest)
}
