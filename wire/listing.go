package wire

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"strconv"
)

// String is the decoded option on one line, made for a packet listing, for example
//
//	DSS ack=123 dsn=456 ssn=1 len=12 csum=0xabcd fin
//
// The form is stable. Keys, tokens, nonces, HMACs and checksums are hex with 0x, all other numbers decimal. An
// option that cannot be parsed shows why, and its bytes: "DSS malformed: wrong option length 0x1e032000".
func (o Option) String() string {
	var line [128]byte
	b, _ := o.AppendText(line[:0])
	return string(b)
}

// AppendText appends what String returns. It never returns an error, and allocates nothing but room in b.
func (o Option) AppendText(b []byte) ([]byte, error) {
	text, err := o.appendParsed(b)
	if err != nil {
		return o.appendMalformed(b, err), nil
	}
	return text, nil
}

func (o Option) appendMalformed(b []byte, err error) []byte {
	if cause := errors.Unwrap(err); cause != nil {
		err = cause // the line already starts with the option's name
	}
	if len(o) >= minLength {
		b = o.Subtype().appendText(b)
	} else {
		b = append(b, "option"...)
	}
	b = append(b, " malformed: "...)
	b = append(b, err.Error()...)
	return appendBytes(b, " ", o)
}

// appendHex appends " name=0x" and exactly the given number of digits. The labels of all four helpers come
// with their leading space and equals sign.
func appendHex(b []byte, label string, v uint64, digits int) []byte {
	b = append(append(b, label...), "0x"...)
	return appendDigits(b, v, digits)
}

func appendDigits(b []byte, v uint64, digits int) []byte {
	const hexDigits = "0123456789abcdef"
	for i := digits - 1; i >= 0; i-- {
		b = append(b, hexDigits[v>>(4*i)&15])
	}
	return b
}

func appendNumber(b []byte, label string, v uint64) []byte {
	return strconv.AppendUint(append(b, label...), v, 10)
}

// appendBytes leaves nothing, not even the label, for no bytes.
func appendBytes(b []byte, label string, raw []byte) []byte {
	if len(raw) == 0 {
		return b
	}
	return hex.AppendEncode(append(append(b, label...), "0x"...), raw)
}

func appendWord(b []byte, present bool, word string) []byte {
	if present {
		b = append(b, word...)
	}
	return b
}

// appendAddr appends "10.0.0.1", "10.0.0.1:80", "fd00::1" or "[fd00::1]:80".
func appendAddr(b []byte, addr netip.Addr, hasPort bool, port uint16) []byte {
	if hasPort {
		return netip.AddrPortFrom(addr, port).AppendTo(b)
	}
	return addr.AppendTo(b)
}
