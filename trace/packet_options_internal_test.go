package trace

import (
	"bytes"
	"testing"

	"allroads/wire"
)

var optionSeeds = [][]byte{
	nil,
	{1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 30, 8, 0x20, 1, 0, 0, 0, 1},
	{2, 4, 5, 180, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7, 30, 4, 0x01, 0x81},
	{30, 3, 0x50, 30, 4, 0x40, 1, 1, 30, 2},
	{1, 1, 8, 10, 1, 2, 3},
	{0, 30, 3, 0x50},
	{3, 3, 15, 8, 9, 1, 2, 3, 4, 5, 6, 7, 30, 12, 1},
}

func TestTCPOptions(t *testing.T) {
	var o tcpOptions
	o.read(optionSeeds[1])
	if !o.hasTimestamps || o.value != 0x01020304 || o.echo != 0x05060708 || o.shift != -1 || o.count != 1 || o.starts[0] != 12 {
		t.Errorf("%+v", o)
	}
	o.read(optionSeeds[2])
	if !o.hasTimestamps || o.value != 0x01020304 || o.echo != 0x05060708 || o.shift != 7 || o.count != 1 || o.starts[0] != 20 {
		t.Errorf("%+v", o)
	}
	o.read(optionSeeds[6])
	if o.hasTimestamps || o.shift != 14 || o.count != 0 || o.err != wire.ErrTruncated {
		t.Errorf("%+v", o)
	}
}

// FuzzTCPOptions has wire.Next walk over the same options, and the same ones
// without the shortcut for timestamps.
func FuzzTCPOptions(f *testing.F) {
	for _, seed := range optionSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:min(len(b), 40)]
		var o, slow tcpOptions
		o.read(b)
		found := 0
		option, rest, err := wire.Next(b)
		for ; err == nil && option != nil; found++ {
			if found >= int(o.count) || !bytes.Equal(o.mptcp(b, found), option) {
				t.Fatalf("option %d is %x, found %d", found, []byte(option), o.count)
			}
			option, rest, err = wire.Next(rest)
		}
		if found != int(o.count) || o.err != err {
			t.Errorf("found %d, %v; want %d, %v", o.count, o.err, found, err)
		}
		slow.read(append([]byte{optionNOP}, b...))
		if slow.value != o.value || slow.echo != o.echo || slow.hasTimestamps != o.hasTimestamps || slow.shift != o.shift {
			t.Errorf("%+v, with a NOP before %+v", o, slow)
		}
	})
}

// BenchmarkTCPOptions compares the walk with wire.Next, which does not tell the
// timestamps.
func BenchmarkTCPOptions(b *testing.B) {
	s := &Segment{Options: []byte{1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8,
		30, 20, 0x20, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 5, 180, 1, 1}}
	b.Run("once", func(b *testing.B) {
		var o tcpOptions
		for b.Loop() {
			if o.read(s.Options); len(o.mptcp(s.Options, 0)) != 20 {
				b.Fatal(o)
			}
		}
	})
	b.Run("wire.Next", func(b *testing.B) {
		for b.Loop() {
			if o, _, err := wire.Next(s.Options); err != nil || len(o) != 20 {
				b.Fatal(o, err)
			}
		}
	})
}
