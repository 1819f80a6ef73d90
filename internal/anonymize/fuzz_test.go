package anonymize

import (
	"bytes"
	"testing"

	"allroads/trace"
)

// FuzzRewrite gives any bytes as packets of any link type, one after the other: the
// rewriter never panics; what it lets through is TCP that is read as before; and
// nothing of it depends on the payload or on what is behind it.
func FuzzRewrite(f *testing.F) {
	packets, _ := readPackets(f, twoPaths)
	for _, p := range packets[:12] {
		f.Add(uint8(0), p.Data, uint16(p.Length))
	}
	for i, link := range linkForms {
		for _, ip := range ipForms[i%len(ipForms):][:1] {
			kind, _ := trace.LinkTypeOf(link.number)
			f.Add(uint8(kind), link.wrap(ip.wrap(packets[i].Data[14:])), uint16(0))
		}
	}
	for _, p := range append(whole(0, false, false).packets, whole(1, true, true).packets...) {
		f.Add(uint8(0), p.Data, uint16(0))
	}
	r := testRewriter(f, "fuzz", Options{})
	f.Fuzz(func(t *testing.T, link uint8, data []byte, length uint16) {
		p := trace.Packet{Link: trace.LinkType(link % 9), Data: data, Length: max(int(length), len(data))}
		r.table = newTable(r.secret)
		r.learn(&p)
		r.table.again()
		original := bytes.Clone(data)
		out, err := r.rewrite(&p)
		if !bytes.Equal(original, data) {
			t.Fatal("the input was altered")
		}
		if err != nil {
			return
		}
		out = bytes.Clone(out)
		var before, after trace.Segment
		to := p
		to.Data = out
		if before.Decode(&p) != nil || after.Decode(&to) != nil || before.PayloadLen != after.PayloadLen || len(after.Payload) > 0 {
			t.Fatalf("%+v became %+v", before, after)
		}
		if !before.OptionsCut {
			start := cap(p.Data) - cap(before.Payload) // Both are of one array.
			hidden(t, r, p, len(p.Data)-start, out)
		}
	})
}

// hidden turns what is behind the TCP header, and checks that nothing of the result
// depends on it.
func hidden(t *testing.T, r *rewriter, p trace.Packet, payload int, out []byte) {
	t.Helper()
	p.Data = bytes.Clone(p.Data)
	for i := len(p.Data) - payload; i < len(p.Data); i++ {
		p.Data[i] ^= 0xa5
	}
	r.table = newTable(r.secret)
	r.learn(&p)
	r.table.again()
	if again, err := r.rewrite(&p); err != nil || !bytes.Equal(again, out) {
		t.Fatalf("%v, with another payload %x became %x", err, p.Data, again)
	}
}
