package packets

import (
	"bytes"

	"allroads/wire"
)

// appendMPTCP writes the MPTCP options: each as [wire.Option.String] has it, and
// in brackets what follows from it.
func (p *Printer) appendMPTCP(b []byte, f *flow) []byte {
	o := &p.options
	for i := 0; o.mptcp > 0 && i < o.count; i++ {
		if o.found[i][0] == wire.OptionKind {
			b = p.appendOption(append(b, " | "...), wire.Option(o.found[i]))
			b = p.appendMeaning(b, wire.Option(o.found[i]), f)
		}
	}
	if o.mptcpIn {
		b = p.paint(append(b, " | "...), red)
		b = appendBytes(appendSubtype(b, o.broken), o.brokenWord(), o.broken)
		b = p.plain(b)
	}
	return b
}

func (p *Printer) appendOption(b []byte, o wire.Option) []byte {
	if !p.o.Color {
		b, _ = o.AppendText(b)
		return b
	}
	start := len(b)
	b, _ = o.AppendText(append(b, blue...))
	if bytes.Contains(b[start:], []byte(" malformed: ")) {
		copy(b[start:], red) // as long as blue
	}
	return p.plain(b)
}

// appendSubtype names an option that is not there as a whole, if its subtype is.
func appendSubtype(b, option []byte) []byte {
	if len(option) < 3 || option[1] < 3 {
		return append(b, "MPTCP option"...)
	}
	subtype := wire.Option(option).Subtype()
	if subtype > wire.SubtypeMPTCPRst && subtype < wire.SubtypeExperimental {
		return appendNumber(b, "subtype ", uint64(subtype))
	}
	return append(b, subtype.String()...)
}

// appendMeaning writes what follows from an option, nothing from a malformed one.
func (p *Printer) appendMeaning(b []byte, o wire.Option, f *flow) []byte {
	switch o.Subtype() {
	case wire.SubtypeDSS:
		return appendDSS(b, o)
	case wire.SubtypeMPCapable:
		return p.appendCapable(b, o, f)
	case wire.SubtypeMPJoin:
		return p.appendJoin(b, o, f)
	case wire.SubtypeAddAddr:
		return appendAddAddr(b, o, f)
	case wire.SubtypeMPFastClose:
		return appendFastClose(b, o, f)
	}
	return b
}

// appendDSS spells out what the option's own text has a short word for.
func appendDSS(b []byte, o wire.Option) []byte {
	var d wire.DSS
	if wire.ParseDSS(o, &d) != nil {
		return b
	}
	switch infinite := d.HasMap && d.InfiniteMapping(); {
	case infinite && d.DataFIN:
		return append(b, " (infinite mapping, DATA_FIN)"...)
	case infinite:
		return append(b, " (infinite mapping)"...)
	case d.DataFIN:
		return append(b, " (DATA_FIN)"...)
	}
	return b
}

// appendAddAddr notes an option in the form of another version than the
// connection's.
func appendAddAddr(b []byte, o wire.Option, f *flow) []byte {
	var a wire.AddAddr
	if wire.ParseAddAddr(o, &a) != nil || f == nil || !f.decided || f.version > wire.V1 || f.version == a.Version {
		return b
	}
	return append(appendNumber(b, " (not of the connection's v", uint64(f.version)), ')')
}

// appendFastClose derives the token of the side that it goes to.
func appendFastClose(b []byte, o wire.Option, f *flow) []byte {
	var c wire.MPFastClose
	if wire.ParseMPFastClose(o, &c) != nil || f == nil || !f.decided || f.version > wire.V1 {
		return b
	}
	return append(appendToken(append(b, " (receiver"...), f.version.Token(c.Key)), ')')
}
