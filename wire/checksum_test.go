package wire_test

import (
	"encoding/binary"
	"testing"

	"allroads/wire"

	"pgregory.net/rapid"
)

// plainChecksum is the checksum as RFC 8684 section 3.3.1 tells it: lay everything out, add up 16-bit words.
func plainChecksum(dsn uint64, ssn uint32, length uint16, payload []byte) uint16 {
	b := binary.BigEndian.AppendUint64(nil, dsn)
	b = binary.BigEndian.AppendUint32(b, ssn)
	b = binary.BigEndian.AppendUint16(b, length)
	b = append(append(b, 0, 0), payload...)
	if len(b)%2 == 1 {
		b = append(b, 0)
	}
	var sum uint32
	for i := 0; i < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}

// Any cut of the payload into pieces gives the checksum of the whole.
func TestChecksumPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dsn := rapid.Uint64().Draw(t, "dsn")
		ssn := rapid.Uint32().Draw(t, "ssn")
		length := rapid.Uint16().Draw(t, "length")
		pieces := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 41), 0, 7).Draw(t, "pieces")
		var whole []byte
		for _, p := range pieces {
			whole = append(whole, p...)
		}
		want := plainChecksum(dsn, ssn, length, whole)
		if got := wire.Checksum(dsn, ssn, length, pieces...); got != want {
			t.Fatalf("got %#04x, want %#04x", got, want)
		}
		if got := wire.Checksum(dsn, ssn, length, whole); got != want {
			t.Fatalf("in one piece: got %#04x, want %#04x", got, want)
		}
	})
}

// The values that carry most.
func TestChecksumCarries(t *testing.T) {
	full := make([]byte, 65535)
	for i := range full {
		full[i] = 0xff
	}
	for _, payload := range [][]byte{nil, full, full[:65534], full[:1], full[:7], full[:8], full[:9]} {
		for _, dsn := range []uint64{0, 1, 1<<64 - 1, 1<<32 - 1, 1 << 63} {
			want := plainChecksum(dsn, 1<<32-1, 65535, payload)
			if got := wire.Checksum(dsn, 1<<32-1, 65535, payload); got != want {
				t.Errorf("dsn %x, %d bytes: got %#04x, want %#04x", dsn, len(payload), got, want)
			}
		}
	}
	if got := wire.Checksum(0, 0, 0); got != 0xffff {
		t.Errorf("nothing but zeros: got %#04x, want 0xffff", got)
	}
}
