package nl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Attributes are netlink attributes one after the other, each a struct nlattr (length
// and type, in host byte order) with its value, padded to 4 bytes.
type Attributes []byte

const attributeHeader = 4 // bytes

// Next takes the first one off. Its type is without the flags NLA_F_NESTED, which
// some nests lack, and NLA_F_NET_BYTEORDER. ok is false at the end, and where the
// rest is no attribute, which then stays.
func (a *Attributes) Next() (kind uint16, value []byte, ok bool) {
	b := *a
	if len(b) < attributeHeader {
		return 0, nil, false
	}
	size := int(binary.NativeEndian.Uint16(b))
	if size < attributeHeader || size > len(b) {
		return 0, nil, false
	}
	*a = b[min((size+3)&^3, len(b)):]
	return binary.NativeEndian.Uint16(b[2:]) &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER), b[attributeHeader:size], true
}

// Find returns the value of the first one of a type, nil when there is none.
func (a Attributes) Find(wanted uint16) []byte {
	for {
		kind, value, ok := a.Next()
		if !ok || kind == wanted {
			return value
		}
	}
}
