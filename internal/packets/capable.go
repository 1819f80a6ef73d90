package packets

import "allroads/wire"

// capableWords are the flags of MP_CAPABLE that mean something in both versions.
// Bit C does in v1 only, and H names another hash in each.
var capableWords = [...]struct {
	bit  wire.CapableFlags
	word string
}{{wire.ChecksumRequired, "checksum required"}, {wire.Extensible, "extensible"}}

// appendCapable writes the flags in words, and what is derived from the keys. It
// takes note of the version.
func (p *Printer) appendCapable(b []byte, o wire.Option, f *flow) []byte {
	var m wire.MPCapable
	if wire.ParseMPCapable(o, &m) != nil {
		return b
	}
	if f != nil {
		f.version, f.decided = m.Version, true
	}
	if m.Version > wire.V1 {
		return append(b, " (unknown version)"...)
	}
	b = append(b, " ("...)
	b = appendFlagWords(b, m.Version, m.Flags)
	if m.Flags&wire.FlagH == 0 {
		return append(b, ')') // Without an algorithm nothing can be derived.
	}
	if m.HasSenderKey {
		b = p.appendKey(append(b, "; sender"...), m.Version, m.SenderKey)
	}
	if m.HasReceiverKey {
		b = p.appendKey(append(b, "; receiver"...), m.Version, m.ReceiverKey)
	}
	return append(b, ')')
}

func appendFlagWords(b []byte, v wire.Version, flags wire.CapableFlags) []byte {
	for _, w := range capableWords {
		if flags&w.bit != 0 {
			b = append(append(b, w.word...), ", "...)
		}
	}
	if flags&wire.DenyJoin != 0 && v == wire.V1 {
		b = append(b, "deny join to this address, "...)
	}
	if flags&wire.FlagH == 0 {
		return append(b, "no known algorithm"...)
	}
	return append(b, hash(v)...)
}

// hash names the algorithm of a version that is known.
func hash(v wire.Version) string {
	if v == wire.V0 {
		return "HMAC-SHA1"
	}
	return "HMAC-SHA256"
}

// appendKey writes what is derived from a key, and takes note of the token.
func (p *Printer) appendKey(b []byte, v wire.Version, key wire.Key) []byte {
	token, idsn := v.Derive(key)
	p.tokens.learn(token, v)
	return appendNumber(appendToken(b, token), " idsn=", idsn)
}

func appendToken(b []byte, token wire.Token) []byte {
	b = append(b, " token=0x"...)
	for shift := 28; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[token>>shift&15])
	}
	return b
}
