package wire_test

import (
	"errors"
	"slices"
	"testing"

	"allroads/wire"
)

// formLengths is every length an option may have, by subtype, for the two bytes that follow the length byte.
func formLengths(subtype wire.Subtype, low, flags byte) []int {
	switch subtype {
	case wire.SubtypeMPCapable:
		if low == 0 {
			return []int{12, 20}
		}
		return []int{4, 12, 20, 22, 24}
	case wire.SubtypeMPJoin:
		return []int{12, 16, 24}
	case wire.SubtypeDSS:
		return dssLengths(flags)
	case wire.SubtypeAddAddr:
		return addAddrLengths(low)
	case wire.SubtypeRemoveAddr:
		return between(4, 40)
	case wire.SubtypeMPPrio:
		return []int{3, 4}
	case wire.SubtypeMPFail, wire.SubtypeMPFastClose:
		return []int{12}
	case wire.SubtypeMPTCPRst:
		return []int{4}
	}
	return between(3, 255)
}

func between(from, to int) []int {
	var all []int
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

// dssLengths is the table one gets from figure 9 of RFC 8684.
func dssLengths(flags byte) []int {
	ack := [4]int{0, 4, 0, 8}[flags&3]
	dsn := [4]int{0, 4, 0, 8}[flags>>2&3]
	if dsn == 0 {
		return []int{4 + ack}
	}
	return []int{4 + ack + dsn + 6, 4 + ack + dsn + 6 + 2}
}

func addAddrLengths(low byte) []int {
	switch {
	case low&1 != 0:
		return []int{8, 10, 20, 22}
	case low == 4:
		return []int{8, 10, 16, 18, 28, 30}
	case low == 6:
		return []int{16, 18, 20, 22, 28, 30}
	}
	return []int{16, 18, 28, 30}
}

// Every subtype, every value of the bits that matter for the length, every length.
func TestLengths(t *testing.T) {
	var buf [255]byte
	for head := range 16 * 16 {
		for flags := range 32 {
			want := formLengths(wire.Subtype(head>>4), byte(head&15), byte(flags))
			for n := 3; n <= len(buf); n++ {
				o := wire.Option(buf[:n])
				o[0], o[1], o[2] = 30, byte(n), byte(head)
				if n > 3 {
					o[3] = byte(flags)
				}
				_, err := o.Decode()
				if ok := slices.Contains(want, n); ok != (err == nil) {
					t.Fatalf("%x of length %d: got %v, want ok=%v", []byte(o[:min(n, 4)]), n, err, ok)
				}
				if err != nil && !errors.Is(err, wire.ErrLength) {
					t.Fatalf("%x of length %d: got %v, want ErrLength", []byte(o[:4]), n, err)
				}
			}
		}
	}
}
