package middlebox_test

import (
	"bytes"
	"testing"

	"allroads/internal/middlebox"
	"allroads/wire"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
)

// FuzzInspect: no frame makes a box panic. What it lets pass keeps its length,
// what has no byte that could be an MPTCP option's kind stays as it is, and what
// is changed is what gopacket takes for a TCP segment, whose checksum is as right
// as it was.
func FuzzInspect(f *testing.F) {
	for _, p := range []packet{
		{flags: "S", options: []layers.TCPOption{join}},
		{six: true, tags: 2, flags: "A", extensions: []layers.IPProtocol{0, 60, 43}, options: []layers.TCPOption{nop, dss, join}},
		{alerts: 10, tags: 1, flags: "RA", options: []layers.TCPOption{timestamps, dss}, payload: []byte("ababa"), trailer: []byte{1, 2, 3}},
	} {
		f.Add(0, p.frame(f))
	}
	f.Fuzz(func(t *testing.T, direction int, frame []byte) {
		strip := box(t, middlebox.Rule{Do: middlebox.Strip})
		before := bytes.Clone(frame)
		out, drop := strip.Inspect(direction, bytes.Clone(frame))
		if drop || len(out) != len(before) {
			t.Fatalf("%d bytes became %d, dropped %v", len(before), len(out), drop)
		}
		changed := !bytes.Equal(out, before)
		if bytes.IndexByte(before, wire.OptionKind) < 0 && changed {
			t.Fatalf("%x became %x", before, out)
		}
		if changed {
			sameChecksum(t, before, out)
		}
		if again, _ := strip.Inspect(direction, bytes.Clone(out)); !bytes.Equal(again, out) {
			t.Fatalf("%x, and then %x", out, again)
		}
		dropping := box(t, middlebox.Rule{Do: middlebox.Drop, After: 1}, middlebox.Rule{Do: middlebox.Drop})
		if _, drop := dropping.Inspect(direction, bytes.Clone(before)); drop != stripped(strip) {
			t.Fatalf("%x: dropped %v, stripped %v", before, drop, stripped(strip))
		}
		rewriting := box(t, middlebox.Rule{Do: middlebox.Rewrite, Find: "ab", Replace: "\x00\xff"})
		if out, drop = rewriting.Inspect(direction, bytes.Clone(before)); drop || len(out) != len(before) {
			t.Fatalf("%d bytes became %d, dropped %v", len(before), len(out), drop)
		}
		if !bytes.Equal(out, before) {
			sameChecksum(t, before, out)
		}
	})
}

func stripped(b *middlebox.Box) bool {
	counts := b.Counts()
	return counts[0][0]+counts[1][0] > 0
}

// sameChecksum asks gopacket, as far as it understands the frame.
func sameChecksum(t *testing.T, before, after []byte) {
	t.Helper()
	for _, layer := range gopacket.NewPacket(before, layers.LayerTypeEthernet, gopacket.Default).Layers() {
		if layer.LayerType() == gopacket.LayerTypeDecodeFailure {
			return
		}
	}
	_, was := decode(t, before)
	_, is := decode(t, after)
	if was != is {
		t.Fatalf("checksum right: %v, then %v:\n%x\n%x", was, is, before, after)
	}
}
