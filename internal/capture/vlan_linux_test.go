package capture

import (
	"bytes"
	"testing"
)

// TestTags sends tagged frames through a cable: the kernel takes the tag off on
// arrival, and it has to be back as if nothing had happened.
func TestTags(t *testing.T) {
	frames := [][]byte{
		ethernet(vlan, tag(0x0005, v4), ipv4(isUDP, 0, 0), make([]byte, 100)),
		ethernet(service, tag(0xe005, vlan), tag(7, v4), ipv4(isUDP, 0, 0), make([]byte, 100)),
		ethernet(v4, ipv4(isUDP, 0, 0), make([]byte, 100)),
	}
	for _, snapLen := range []int{0, 40, 15, 14, 12, 5} {
		a, b := pairs(t, 1)
		sent := listen(t, a, []string{"a0"}, Options{SnapLen: snapLen})
		received := listen(t, b, []string{"b0"}, Options{SnapLen: snapLen})
		inject(t, a, "a0", frames...)
		for name, r := range map[string]*Ring{"sent": sent, "received": received} {
			await(t, r, uint64(len(frames)))
			i := 0
			for _, p := range drain(t, r) {
				if i == len(frames) {
					t.Fatalf("snap length %d, %s: more than %d frames", snapLen, name, i)
				}
				want := frames[i]
				if snapLen > 0 {
					want = want[:snapLen]
				}
				if !bytes.Equal(p.Data, want) || p.Length != len(frames[i]) {
					t.Errorf("snap length %d, %s: %x of %d bytes, want %x of %d", snapLen, name, p.Data, p.Length, want, len(frames[i]))
				}
				i++
			}
			if i != len(frames) {
				t.Errorf("snap length %d, %s: %d frames of %d", snapLen, name, i, len(frames))
			}
		}
	}
}
