package middlebox_test

import (
	"bytes"
	"slices"
	"testing"

	"allroads/internal/middlebox"
	"allroads/wire"

	"github.com/gopacket/gopacket/layers"
	"pgregory.net/rapid"
)

// randomPacket draws all that a box understands, with MPTCP options of any
// subtype and length anywhere among other options.
func randomPacket(t *rapid.T) packet {
	p := packet{
		tags:    rapid.IntRange(0, 2).Draw(t, "tags"),
		six:     rapid.Bool().Draw(t, "six"),
		extra:   rapid.IntRange(0, 3).Draw(t, "extra"),
		reverse: rapid.Bool().Draw(t, "reverse"),
		flags:   rapid.SampledFrom([]string{"S", "SA", "A", "FA", "R", "RA", ""}).Draw(t, "flags"),
		payload: rapid.SliceOfN(rapid.SampledFrom([]byte("ab\x00\xff")), 0, 60).Draw(t, "payload"),
		trailer: rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "trailer"),
		error:   rapid.SampledFrom([]uint16{0, 0, 0, 1, 0x100, 0xfffe, 0x1234}).Draw(t, "error"),
		options: randomOptions(t),
	}
	if p.six {
		p.extensions = rapid.SampledFrom([][]layers.IPProtocol{
			nil, {0}, {43}, {60}, {0, 60}, {0, 60, 43, 60},
		}).Draw(t, "extensions")
	} else {
		p.alerts = rapid.IntRange(0, 10).Draw(t, "alerts")
	}
	return p
}

func randomOptions(t *rapid.T) (all []layers.TCPOption) {
	room := rapid.IntRange(0, 40).Draw(t, "room")
	for room >= 4 {
		var o layers.TCPOption
		switch kind := rapid.SampledFrom([]byte{1, 2, 30, 30, 30, 8, 253}).Draw(t, "kind"); kind {
		case 1:
			o = nop
			room--
		default:
			n := rapid.IntRange(3, min(room, 28)).Draw(t, "length")
			o = option(append([]byte{kind, byte(n)}, rapid.SliceOfN(rapid.Byte(), n-2, n-2).Draw(t, "body")...)...)
			room -= n
		}
		all = append(all, o)
	}
	return all
}

// randomSubtypes draws what a rule may name.
func randomSubtypes(t *rapid.T) []wire.Subtype {
	return rapid.SliceOfNDistinct(rapid.SampledFrom([]wire.Subtype{0, 1, 2, 3, 4, 5, 6, 7, 8, 15}), 0, 4,
		rapid.ID[wire.Subtype]).Draw(t, "subtypes")
}

// box makes one that follows the rules in both directions.
func box(t fataler, rules ...middlebox.Rule) *middlebox.Box {
	b, err := middlebox.New([2][]middlebox.Rule{rules, rules})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// pass has the box inspect the packet, which must pass and be what is wanted.
func pass(t *testing.T, rt *rapid.T, b *middlebox.Box, p, want packet) (out []byte) {
	in := p.frame(rt)
	before := slices.Clone(in)
	out, drop := b.Inspect(0, in)
	if drop {
		rt.Fatalf("dropped %x", before)
	}
	if expected := want.frame(rt); !sameFrame(p, out, expected) {
		rt.Fatalf("%x\n became %x\nwant %x", before, out, expected)
	}
	if _, right := decode(t, out); right != (p.error == 0) {
		rt.Fatalf("%x: gopacket says that the checksum is right: %v", out, right)
	}
	return out
}

func count(b *middlebox.Box) uint64 { return b.Counts()[0][0] }

func number(any bool) uint64 {
	if any {
		return 1
	}
	return 0
}

func TestStripRandom(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, gone := randomPacket(rt), randomSubtypes(rt)
		b := box(rt, middlebox.Rule{Do: middlebox.Strip, Options: gone})
		want, any := p.without(gone...)
		tcp, _ := decode(t, pass(t, rt, b, p, want))
		for _, o := range tcp.Options {
			if len(o.OptionData) > 0 && carries(o, gone) {
				rt.Fatalf("gopacket still sees %v", o)
			}
		}
		if count(b) != number(any) {
			rt.Fatalf("counted %d, stripped %v", count(b), any)
		}
	})
}

func TestDropRandom(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p, options := randomPacket(rt), randomSubtypes(rt)
		b := box(rt, middlebox.Rule{Do: middlebox.Drop, Options: options})
		_, any := p.without(options...)
		if !any {
			pass(t, rt, b, p, p)
		} else if _, drop := b.Inspect(0, p.frame(rt)); !drop {
			rt.Fatalf("passed: %x", p.frame(rt))
		}
		if count(b) != number(any) {
			rt.Fatalf("counted %d, dropped %v", count(b), any)
		}
	})
}

func TestRewriteRandom(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := randomPacket(rt)
		n := rapid.IntRange(1, 4).Draw(rt, "n")
		find := rapid.SliceOfN(rapid.SampledFrom([]byte("ab\x00\xff")), n, n).Draw(rt, "find")
		replace := rapid.SliceOfN(rapid.Byte(), n, n).Draw(rt, "replace")
		b := box(rt, middlebox.Rule{Do: middlebox.Rewrite, Find: string(find), Replace: string(replace)})
		want := p
		want.payload = bytes.ReplaceAll(p.payload, find, replace)
		pass(t, rt, b, p, want)
		if any := bytes.Contains(p.payload, find); count(b) != number(any) {
			rt.Fatalf("counted %d, rewritten %v", count(b), any)
		}
	})
}
