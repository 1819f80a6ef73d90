package packets

// appendICMP writes the type (RFC 792, RFC 4443, RFC 4861).
func appendICMP(b []byte, d *datagram, name func(uint8) string) []byte {
	if len(d.b) < 2 {
		return b
	}
	if text := name(d.b[0]); text != "" {
		return append(append(b, ' '), text...)
	}
	b = appendNumber(b, " type ", uint64(d.b[0]))
	return appendNumber(b, " code ", uint64(d.b[1]))
}

func icmpName(kind uint8) string {
	switch kind {
	case 0:
		return "echo reply"
	case 3:
		return "unreachable"
	case 5:
		return "redirect"
	case 8:
		return "echo request"
	case 11:
		return "time exceeded"
	}
	return ""
}

func icmp6Name(kind uint8) string {
	switch kind {
	case 1:
		return "unreachable"
	case 2:
		return "packet too big"
	case 3:
		return "time exceeded"
	case 128:
		return "echo request"
	case 129:
		return "echo reply"
	case 133:
		return "router solicitation"
	case 134:
		return "router advertisement"
	case 135:
		return "neighbour solicitation"
	case 136:
		return "neighbour advertisement"
	case 143:
		return "multicast listener report"
	}
	return ""
}
