package packets

import "allroads/wire"

// appendJoin writes the version, of which the SYN's token tells, and what the
// HMAC is.
func (p *Printer) appendJoin(b []byte, o wire.Option, f *flow) []byte {
	var j wire.MPJoin
	if wire.ParseMPJoin(o, &j) != nil {
		return b
	}
	if j.Form == wire.JoinSYN && f != nil {
		f.version, f.decided = p.tokens.version(j.Token)
	}
	known := f != nil && f.decided && f.version <= wire.V1
	b = append(b, " ("...)
	if known {
		b = appendNumber(b, "v", uint64(f.version))
	} else {
		b = append(b, "unknown version"...)
	}
	switch {
	case j.Form == wire.JoinSYN:
		return append(b, ')')
	case j.Form == wire.JoinSYNACK:
		b = append(b, ", left 64 bits of "...)
	default:
		b = append(b, ", "...)
	}
	if known {
		return append(append(b, hash(f.version)...), ')')
	}
	return append(b, "HMAC)"...)
}
