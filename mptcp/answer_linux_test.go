package mptcp

import "encoding/binary"

// answer makes what a kernel of this machine's byte order would write: size
// bytes with integers, of the widths of their types, at offsets.
func answer(size int, fields map[int]any) []byte {
	b := make([]byte, size)
	for at, value := range fields {
		switch v := value.(type) {
		case uint8:
			b[at] = v
		case uint16:
			binary.NativeEndian.PutUint16(b[at:], v)
		case uint32:
			binary.NativeEndian.PutUint32(b[at:], v)
		case uint64:
			binary.NativeEndian.PutUint64(b[at:], v)
		case []byte:
			copy(b[at:], v)
		}
	}
	return b
}
