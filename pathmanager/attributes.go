package pathmanager

import (
	"encoding/binary"
	"fmt"

	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// attributes are netlink attributes one after the other, each a struct nlattr
// (length and type, in host byte order) with its value, padded to 4 bytes.
type attributes []byte

const attributeHeader = 4 // bytes

func (a *attributes) header(number uint16, size int) {
	*a = binary.NativeEndian.AppendUint16(*a, uint16(attributeHeader+size))
	*a = binary.NativeEndian.AppendUint16(*a, number)
}

func (a *attributes) uint8(number uint16, value uint8) {
	a.header(number, 1)
	*a = append(*a, value, 0, 0, 0)
}

func (a *attributes) uint16(number, value uint16) {
	a.header(number, 2)
	*a = append(binary.NativeEndian.AppendUint16(*a, value), 0, 0)
}

func (a *attributes) uint32(number uint16, value uint32) {
	a.header(number, 4)
	*a = binary.NativeEndian.AppendUint32(*a, value)
}

// bytes is for values of whole words.
func (a *attributes) bytes(number uint16, value []byte) {
	a.header(number, len(value))
	*a = append(*a, value...)
}

// nest writes attributes inside of one.
func (a *attributes) nest(number uint16, inside attributes) {
	a.bytes(unix.NLA_F_NESTED|number, inside)
}

// next takes the first attribute. A value is wrong for its type when its size is:
// see sized.
func (a *attributes) next() (number uint16, value []byte, err error) {
	size := len(*a)
	number, value, ok := (*nl.Attributes)(a).Next()
	if !ok {
		return 0, nil, fmt.Errorf("malformed attribute in the last %d bytes", size)
	}
	return number, value, nil
}

// sized checks the size of a value.
func sized(number uint16, value []byte, want int) error {
	if len(value) != want {
		return fmt.Errorf("attribute %d of %d bytes, want %d", number, len(value), want)
	}
	return nil
}
