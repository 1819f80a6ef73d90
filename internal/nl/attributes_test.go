package nl

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func attribute(b []byte, kind uint16, value ...byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(attributeHeader+len(value)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	return append(b, value...)
}

// TestAttributes: padding, flags of the type, the end, and what is cut off.
func TestAttributes(t *testing.T) {
	a := Attributes(attribute(nil, 2, 1, 2, 3, 4))
	a = append(attribute(a, 0x8003, 9), 0, 0, 0)
	cut := a[:len(a)-4]
	a = attribute(a, 4, 7)
	for kind, want := range map[uint16][]byte{2: {1, 2, 3, 4}, 3: {9}, 4: {7}, 5: nil} {
		if got := a.Find(kind); !bytes.Equal(got, want) || (got == nil) != (want == nil) {
			t.Errorf("attribute %d: %v, want %v", kind, got, want)
		}
	}
	if got := cut.Find(3); got != nil {
		t.Errorf("attribute without its value: %v", got)
	}
	rest := Attributes{0, 0, 2, 0}
	if _, _, ok := rest.Next(); ok || len(rest) != 4 {
		t.Errorf("shorter than its header: %v, left %v", ok, rest)
	}
}

func FuzzAttributes(f *testing.F) {
	f.Add(attribute(attribute(nil, 2, 1, 2, 3, 4), 0x8003, 9, 0, 0, 0), uint16(3))
	f.Add([]byte{3, 0, 2, 0}, uint16(2))
	f.Fuzz(func(t *testing.T, b []byte, kind uint16) {
		value := Attributes(b).Find(kind)
		if len(value) > max(len(b)-attributeHeader, 0) || !bytes.Contains(b, value) {
			t.Errorf("value %x is not in %x", value, b)
		}
	})
}
