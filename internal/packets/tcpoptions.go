package packets

import (
	"encoding/binary"

	"allroads/trace"
	"allroads/wire"
)

// Kinds of TCP options (IANA).
const (
	kindEnd           = 0
	kindNOP           = 1
	kindMSS           = 2
	kindWindowScale   = 3
	kindSACKPermitted = 4
	kindSACK          = 5
	kindTimestamps    = 8
	kindFastOpen      = 34
)

// tcpOptions are the options of a segment, one behind the other.
type tcpOptions struct {
	found   [20][]byte // each whole: 40 bytes hold no more that have a length
	count   int
	mptcp   int    // how many of them are MPTCP's
	broken  []byte // behind them: an option that runs past the end, or has no length
	cut     bool   // some were not captured; then broken may be whole on the wire
	mptcpIn bool   // broken is MPTCP's
}

func (o *tcpOptions) read(b []byte, cut bool) {
	o.count, o.mptcp, o.broken, o.mptcpIn, o.cut = 0, 0, nil, false, cut
	for len(b) > 0 && b[0] != kindEnd {
		if b[0] == kindNOP {
			b = b[1:]
			continue
		}
		if len(b) < 2 || b[1] < 2 || int(b[1]) > len(b) {
			o.broken, o.mptcpIn = b, b[0] == wire.OptionKind
			return
		}
		o.found[o.count] = b[:b[1]:b[1]]
		o.count++
		if b[0] == wire.OptionKind {
			o.mptcp++
		}
		b = b[b[1]:]
	}
}

// mayBeMPTCP reports whether there is an MPTCP option, or was before some were
// cut off.
func (o *tcpOptions) mayBeMPTCP(s *trace.Segment) bool {
	return o.mptcp > 0 || o.mptcpIn || s.OptionsCut
}

// brokenWord says what is wrong with the option at the end. A length below two
// cannot be; one that runs past the end can, if options were cut off.
func (o *tcpOptions) brokenWord() string {
	switch possible := len(o.broken) < 2 || o.broken[1] >= 2; {
	case !o.cut:
		return " malformed: "
	case possible:
		return " cut off: "
	}
	return " malformed and cut off: "
}

// appendTCPOptions writes the options but MPTCP's, in short.
func (p *Printer) appendTCPOptions(b []byte, s *trace.Segment, f *flow, from int) []byte {
	start := len(b)
	o := &p.options
	for _, option := range o.found[:o.count] {
		if option[0] != wire.OptionKind {
			b = p.appendTCPOption(append(b, ','), option, f, from)
		}
	}
	if len(o.broken) > 0 && !o.mptcpIn {
		b = p.paint(append(b, ','), red)
		b = appendNumber(b, "kind ", uint64(o.broken[0]))
		b = p.plain(appendBytes(b, o.brokenWord(), o.broken))
	}
	if s.OptionsCut && len(o.broken) == 0 {
		b = p.plain(append(p.paint(append(b, ','), red), "options cut off"...))
	}
	if len(b) == start {
		return b
	}
	// The first comma makes room for the bracket.
	b = append(b, ">"...)
	b = append(b, 0)
	copy(b[start+1:], b[start:])
	b[start], b[start+1] = ' ', '<'
	return b
}

// tcpOptionLengths are those of options that have one only.
var tcpOptionLengths = [...]byte{kindMSS: 4, kindWindowScale: 3, kindSACKPermitted: 2, kindTimestamps: 10}

func (p *Printer) appendTCPOption(b, option []byte, f *flow, from int) []byte {
	kind, value := option[0], option[2:]
	if int(kind) < len(tcpOptionLengths) && tcpOptionLengths[kind] != 0 && int(tcpOptionLengths[kind]) != len(option) {
		return appendBytes(appendNumber(b, "kind ", uint64(kind)), " malformed: ", option)
	}
	switch {
	case kind == kindMSS:
		return appendNumber(b, "mss ", uint64(binary.BigEndian.Uint16(value)))
	case kind == kindWindowScale:
		return appendNumber(b, "wscale ", uint64(value[0]))
	case kind == kindSACKPermitted:
		return append(b, "sackOK"...)
	case kind == kindTimestamps:
		b = appendNumber(b, "ts ", uint64(binary.BigEndian.Uint32(value)))
		return appendNumber(b, ":", uint64(binary.BigEndian.Uint32(value[4:])))
	case kind == kindSACK && len(value) > 0 && len(value)%8 == 0:
		return p.appendSACK(b, value, f, from)
	case kind == kindFastOpen && len(value) == 0:
		return append(b, "tfo request"...)
	case kind == kindFastOpen:
		return appendBytes(b, "tfo ", value)
	}
	return appendBytes(appendNumber(b, "kind ", uint64(kind)), " ", value)
}

// appendSACK writes blocks of what the other side has sent (RFC 2018).
func (p *Printer) appendSACK(b, blocks []byte, f *flow, from int) []byte {
	b = append(b, "sack"...)
	for ; len(blocks) > 0; blocks = blocks[8:] {
		b = appendNumber(b, " ", uint64(p.relative(f, 1-from, binary.BigEndian.Uint32(blocks))))
		b = appendNumber(b, ":", uint64(p.relative(f, 1-from, binary.BigEndian.Uint32(blocks[4:]))))
	}
	return b
}
