package middlebox_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"os"
	"strings"
	"sync"
	"testing"

	"allroads/internal/middlebox"
	"allroads/wire"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket/layers"
)

var (
	timestamps = option(8, 10, 0, 0, 0, 1, 0, 0, 0, 2)
	join       = option(30, 12, 0x10, 3, 0xf1, 0x41, 0x35, 0x52, 0xd4, 0x93, 0x2a, 0xe6)
	dss        = option(30, 12, 0x20, 3, 0x5a, 0x7c, 0x0f, 0x34, 0x1b, 0x6f, 0xd9, 0xc4)
)

// dropped sends a packet from the end of the direction that it belongs to.
func dropped(t testing.TB, b *middlebox.Box, p packet) bool {
	direction := 0
	if p.reverse {
		direction = 1
	}
	_, drop := b.Inspect(direction, p.frame(t))
	return drop
}

// TestVectors strips each option of wire's vectors that is one by itself, and
// leaves it alone when asked for another.
func TestVectors(t *testing.T) {
	text, err := os.ReadFile("../../wire/testdata/options.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[wire.Subtype]int{}
	for line := range strings.Lines(string(text)) {
		text, name, ok := strings.Cut(strings.TrimSpace(line), "\t")
		raw, err := hex.DecodeString(text)
		if !ok || err != nil || len(raw) < 3 || raw[0] != wire.OptionKind || int(raw[1]) != len(raw) || len(raw) > 39 {
			continue
		}
		p := packet{flags: "A", options: []layers.TCPOption{nop, option(raw...)}}
		s := wire.Option(raw).Subtype()
		seen[s]++
		for asked := range wire.SubtypeMPTCPRst + 1 {
			b := box(t, middlebox.Rule{Do: middlebox.Strip, Options: []wire.Subtype{asked}})
			out, _ := b.Inspect(0, p.frame(t))
			want, _ := p.without(asked)
			if !bytes.Equal(out, want.frame(t)) || count(b) != number(s == asked) {
				t.Errorf("%s without %v: %x", name, asked, out)
			}
		}
	}
	if len(seen) < 10 {
		t.Errorf("vectors of subtypes %v only", seen)
	}
}

func TestPackets(t *testing.T) {
	want := map[middlebox.Packets]string{
		"": "S SA A FA RA", middlebox.Any: "S SA A FA RA",
		middlebox.SYN: "S", middlebox.SYNACK: "SA", middlebox.Later: "A FA RA",
	}
	for packets, flags := range want {
		b := box(t, middlebox.Rule{Do: middlebox.Drop, Packets: packets})
		var got []string
		for _, f := range []string{"S", "SA", "A", "FA", "RA"} {
			if dropped(t, b, packet{flags: f, options: []layers.TCPOption{join}}) {
				got = append(got, f)
			}
		}
		if strings.Join(got, " ") != flags {
			t.Errorf("%q drops %v, want %v", packets, got, flags)
		}
	}
}

// TestDirections has rules for each direction, one behind the other.
func TestDirections(t *testing.T) {
	b, err := middlebox.New([2][]middlebox.Rule{
		{{Do: middlebox.Strip, Options: []wire.Subtype{wire.SubtypeMPJoin}}, {Do: middlebox.Drop}},
		{{Do: middlebox.Rewrite, Find: "ab", Replace: "ba"}, {Do: middlebox.Rewrite, Find: "ba", Replace: "cc"}, {Do: middlebox.Strip}},
	})
	if err != nil {
		t.Fatal(err)
	}
	both := packet{flags: "A", options: []layers.TCPOption{join, dss}}
	for p, want := range map[*packet]bool{
		{flags: "S", options: []layers.TCPOption{join}}: false, // stripped before
		&both: true,
		{flags: "A", options: []layers.TCPOption{timestamps}}: false,
	} {
		if dropped(t, b, *p) != want {
			t.Errorf("%+v: want dropped %v", p, want)
		}
	}
	both.payload = []byte("aabbab")
	out, _ := b.Inspect(1, both.frame(t))
	want, _ := both.without()
	want.payload = []byte("acc" + "bcc")
	if !bytes.Equal(out, want.frame(t)) {
		t.Errorf("%x, want %x", out, want.frame(t))
	}
	if diff := cmp.Diff([2][]uint64{{2, 1}, {1, 1, 1}}, b.Counts()); diff != "" {
		t.Error(diff)
	}
	for _, direction := range []int{-1, 2} {
		if out, drop := b.Inspect(direction, both.frame(t)); drop || !bytes.Equal(out, both.frame(t)) {
			t.Errorf("direction %d: %x, %v", direction, out, drop)
		}
	}
}

// TestUntouched: what is not a whole TCP segment passes as it is.
func TestUntouched(t *testing.T) {
	options := []layers.TCPOption{join, dss}
	payload := []byte("find me")
	four := packet{flags: "A", options: options, payload: payload}
	six := packet{six: true, flags: "A", options: options, payload: payload, extensions: []layers.IPProtocol{0, 60}}
	tagged := packet{tags: 3, flags: "A", options: options, payload: payload}
	change := func(p packet, at int, to byte) []byte {
		frame := p.frame(t)
		frame[at] = to
		return frame
	}
	cases := map[string][]byte{
		"nothing": {}, "three tags": tagged.frame(t),
		"ARP": change(four, 13, 6), "IPv4 said to be IPv6": change(four, 12, 0x86), "version": change(four, 14, 0x55),
		"more fragments": change(four, 20, 0x20), "later fragment": change(four, 21, 1), "reserved offset bit": change(four, 20, 0x10),
		"UDP": change(four, 23, 17), "short IPv4 header": change(four, 14, 0x44), "IPv4 header past its end": change(four, 17, 19),
		"data offset too small": change(four, 46, 0x40), "data offset past the end": change(four, 17, 40),
		"version of IPv6": change(six, 14, 0x40), "fragment of IPv6": change(six, 20, 44), "other extension": change(six, 54, 51),
		"extension past the end": change(six, 55, 200), "IPv6 of no length": change(six, 19, 0), "nothing behind": change(six, 20, 59),
		"option of no length": change(four, 55, 0), "option past the end": change(four, 55, 41), "end of list": change(four, 54, 0),
	}
	rewrite := middlebox.Rule{Do: middlebox.Rewrite, Find: "find", Replace: "lose"}
	for name, frame := range cases {
		rules := []middlebox.Rule{{Do: middlebox.Drop}}
		if !strings.Contains(name, "option") && name != "end of list" {
			rules = append(rules, middlebox.Rule{Do: middlebox.Strip}, rewrite)
		}
		checkUntouched(t, name, frame, rules)
	}
	for _, p := range []packet{four, six, {tags: 2, flags: "A", options: options, payload: payload}} {
		for n := range len(p.frame(t)) {
			checkUntouched(t, "cut", p.frame(t)[:n:n], []middlebox.Rule{{Do: middlebox.Drop}, {Do: middlebox.Strip}, rewrite})
		}
		if b := box(t, middlebox.Rule{Do: middlebox.Drop}); !dropped(t, b, p) {
			t.Errorf("passed whole: %x", p.frame(t))
		}
	}
}

func checkUntouched(t *testing.T, name string, frame []byte, rules []middlebox.Rule) {
	t.Helper()
	before := bytes.Clone(frame)
	b := box(t, rules...)
	if out, drop := b.Inspect(0, frame); drop || !bytes.Equal(out, before) {
		t.Errorf("%s: %x became %x, dropped %v", name, before, out, drop)
	}
}

// TestBrokenList strips what comes before an option whose length cannot be.
func TestBrokenList(t *testing.T) {
	p := packet{flags: "A", options: []layers.TCPOption{join, dss}}
	frame := p.frame(t)
	frame[54+12+1] = 99
	want, _ := p.without(wire.SubtypeMPJoin)
	out, _ := box(t, middlebox.Rule{Do: middlebox.Strip}).Inspect(0, bytes.Clone(frame))
	if !bytes.Equal(out[54:66], want.frame(t)[54:66]) || !bytes.Equal(out[66:], frame[66:]) {
		t.Errorf("%x", out)
	}
}

// TestLongRewrite changes so much at once that a checksum's carries have carries.
func TestLongRewrite(t *testing.T) {
	ones, twos := bytes.Repeat([]byte{0xff, 0}, 32000), bytes.Repeat([]byte{1, 2}, 32000)
	for _, n := range []int{2, 1000, 64000} {
		p := packet{flags: "A", payload: ones, error: 5}
		b := box(t, middlebox.Rule{Do: middlebox.Rewrite, Find: string(ones[:n]), Replace: string(twos[:n])})
		out, _ := b.Inspect(0, p.frame(t))
		p.payload = twos
		if want := p.frame(t); !sameFrame(p, out, want) {
			t.Errorf("%d bytes: checksum %x, want %x", n, binary.BigEndian.Uint16(out[50:]), binary.BigEndian.Uint16(want[50:]))
		}
	}
}

// TestCountsMeanwhile is for the race detector.
func TestCountsMeanwhile(t *testing.T) {
	b := box(t, middlebox.Rule{Do: middlebox.Drop})
	const packets = 1000
	var wait sync.WaitGroup
	done := make(chan struct{})
	wait.Go(func() {
		for last := uint64(0); ; {
			now := count(b)
			if now < last {
				t.Errorf("%d after %d", now, last)
			}
			last = now
			select {
			case <-done:
				return
			default:
			}
		}
	})
	frame := packet{flags: "A", options: []layers.TCPOption{dss}}.frame(t)
	for range packets {
		b.Inspect(0, frame)
	}
	close(done)
	wait.Wait()
	if count(b) != packets {
		t.Errorf("counted %d of %d", count(b), packets)
	}
}
