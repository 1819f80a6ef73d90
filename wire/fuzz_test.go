package wire_test

import (
	"bytes"
	"testing"

	"allroads/wire"
)

// FuzzNext: every step takes at least one byte off, yields a whole option or stops.
func FuzzNext(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add([]byte(v.raw))
		f.Add(append([]byte{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}, v.raw...))
	}
	f.Fuzz(func(t *testing.T, options []byte) {
		for {
			opt, rest, err := wire.Next(options)
			if opt != nil {
				at := len(options) - len(rest) - len(opt)
				if err != nil || at < 0 || !bytes.Equal(options[at:at+len(opt)], opt) {
					t.Fatalf("%x: got %x, rest %x, %v", options, []byte(opt), rest, err)
				}
				if len(opt) < 3 || opt[0] != wire.OptionKind || int(opt[1]) != len(opt) {
					t.Fatalf("%x: not a whole option: %x", options, []byte(opt))
				}
				_ = opt.String()
			}
			if opt == nil && err == nil && rest != nil {
				t.Fatalf("%x: the end, and still %x", options, rest)
			}
			if rest == nil {
				return
			}
			if len(rest) >= len(options) {
				t.Fatalf("%x: no progress", options)
			}
			options = rest
		}
	})
}

// FuzzDecode: what can be parsed is written back as it was, but for the reserved bits; what cannot names a
// reason. Every Parse function must reject what is not its own.
func FuzzDecode(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add([]byte(v.raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o := wire.Option(raw)
		before := bytes.Clone(raw)
		v, err := o.Decode()
		if o.String() == "" {
			t.Fatalf("%x: empty line", raw)
		}
		if err == nil {
			if got := appendAny(nil, v); !bytes.Equal(got, canonical(o)) {
				t.Fatalf("%x: written as %x, want %x", raw, got, canonical(o))
			}
		}
		for subtype, parse := range parsers {
			_, parseErr := parse(raw)
			if want := err == nil && subtype == o.Subtype(); want != (parseErr == nil) {
				t.Fatalf("%x as %v: got %v, Decode says %v", raw, subtype, parseErr, err)
			}
		}
		if !bytes.Equal(before, raw) {
			t.Fatalf("input changed from %x to %x", before, raw)
		}
	})
}
