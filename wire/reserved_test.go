package wire_test

import (
	"bytes"
	"testing"

	"allroads/wire"
)

// reserved is the bits of the third and fourth byte that the package doc says are read as zero.
func reserved(o wire.Option) (third, fourth byte) {
	switch o.Subtype() {
	case wire.SubtypeMPJoin:
		if len(o) == 24 {
			return 0x0f, 0xff
		}
		return 0x0e, 0
	case wire.SubtypeDSS:
		return 0x0f, 0xe0
	case wire.SubtypeAddAddr:
		if o[2]&1 == 0 && (len(o) == 8 || len(o) == 10 || len(o) == 20 || len(o) == 22) {
			return 0, 0 // v0
		}
		return 0x0e, 0
	case wire.SubtypeRemoveAddr:
		return 0x0f, 0
	case wire.SubtypeMPPrio:
		return 0x0e, 0
	case wire.SubtypeMPFail, wire.SubtypeMPFastClose:
		return 0x0f, 0xff
	}
	return 0, 0
}

// canonical is o with all that is dropped set to zero.
func canonical(o wire.Option) []byte {
	c := bytes.Clone(o)
	third, fourth := reserved(o)
	c[2] &^= third
	if len(c) > 3 {
		c[3] &^= fourth
	}
	if o.Subtype() == wire.SubtypeDSS {
		if c[3]&1 == 0 {
			c[3] &^= 2
		}
		if c[3]&4 == 0 {
			c[3] &^= 8
		}
	}
	return c
}

// Each reserved bit of each captured or made option is set alone: the option still reads the same, and is
// written with the bit cleared.
func TestReservedBits(t *testing.T) {
	flipped := 0
	for _, v := range vectors(t) {
		clean, err := v.raw.Decode()
		if err != nil {
			continue
		}
		third, fourth := reserved(v.raw)
		for bit := range 16 {
			dirty := wire.Option(bytes.Clone(v.raw))
			mask := byte(1) << (bit % 8)
			switch {
			case bit < 8 && third&mask != 0:
				dirty[2] |= mask
			case bit >= 8 && fourth&mask != 0 && len(dirty) > 3:
				dirty[3] |= mask
			default:
				continue
			}
			flipped++
			decoded, err := dirty.Decode()
			if err != nil {
				t.Errorf("%x: %v", []byte(dirty), err)
				continue
			}
			if d := same(clean, decoded); d != "" {
				t.Errorf("%x (-without the bit +with it):\n%s", []byte(dirty), d)
			}
			if got := appendAny(nil, decoded); !bytes.Equal(got, v.raw) {
				t.Errorf("%x: written as %x, want %x", []byte(dirty), got, []byte(v.raw))
			}
		}
	}
	if flipped < 100 {
		t.Errorf("only %d bits tried", flipped)
	}
}

// The width bits of a number that is not there.
func TestWidthBitWithoutNumber(t *testing.T) {
	for raw, want := range map[string]string{
		"1e04200a":                     "1e042000",
		"1e08200900000003":             "1e08200100000003",
		"1e0e200600000007000000010005": "1e0e200400000007000000010005",
	} {
		var d wire.DSS
		if err := wire.ParseDSS(unhex(t, raw), &d); err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got := wire.AppendDSS(nil, &d); !bytes.Equal(got, unhex(t, want)) {
			t.Errorf("%s: got %x, want %s", raw, got, want)
		}
	}
}

// The bits that are not reserved survive.
func TestKeptBits(t *testing.T) {
	for _, raw := range []string{"1e0401ff", "1e040f1e", "1e048eff", "1e03ff", "1e0495aa"} {
		decoded, err := wire.Option(unhex(t, raw)).Decode()
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got := appendAny(nil, decoded); !bytes.Equal(got, unhex(t, raw)) {
			t.Errorf("%s: got %x", raw, got)
		}
	}
}
