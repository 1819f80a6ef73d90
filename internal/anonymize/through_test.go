package anonymize

import (
	"bytes"
	"slices"
	"testing"

	"allroads/trace"
)

// staying are the bytes in front of the TCP options, in IPv4 in Ethernet, that come
// through as they are: EtherType; version and lengths, type of service, fragment
// flags, time to live, protocol; TCP's data offset, flags and window. The first bytes
// of private addresses are the same before and after, but not others in their place.
var staying = []int{12, 13, 14, 15, 16, 17, 20, 22, 23, 46, 47, 48, 49}

// TestWhatComesThrough turns each byte in front of the options: only those that may
// come through do, and none behind the header.
func TestWhatComesThrough(t *testing.T) {
	packets, _ := readPackets(t, twoPaths)
	r := testRewriter(t, "through", Options{})
	came := map[int]bool{}
	for _, p := range packets {
		plain := rewritten(r, p)
		for at := range p.Data {
			turned := p
			turned.Data = bytes.Clone(p.Data)
			turned.Data[at] ^= 0x41
			out := rewritten(r, turned)
			if at < 54 && at < len(out) && len(plain) > at && plain[at] == p.Data[at] && out[at] == turned.Data[at] {
				came[at] = true
				if !slices.Contains(staying, at) {
					t.Fatalf("byte %d came through", at)
				}
			}
		}
	}
	if len(came) < 4 {
		t.Errorf("only %v came through: nothing was looked at", came)
	}
}

// rewritten is what a packet alone becomes, nothing if it is left away.
func rewritten(r *rewriter, p trace.Packet) []byte {
	r.table = newTable(r.secret)
	r.learn(&p)
	r.table.again()
	out, err := r.rewrite(&p)
	if err != nil {
		return nil
	}
	return bytes.Clone(out)
}
