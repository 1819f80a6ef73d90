package trace_test

import (
	"testing"

	"allroads/trace"
)

// TestLossyCapture leaves out every few packets with data of a real capture: what is
// missing is counted as such, and nothing is proven or blamed on the order.
func TestLossyCapture(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	whole := analyze(packets).Connections[0].ToServer
	for every := 2; every < 12; every++ {
		var kept []trace.Packet
		seen := 0
		for i := range packets {
			var s trace.Segment
			if err := s.Decode(&packets[i]); err != nil {
				t.Fatal(err)
			}
			if s.PayloadLen > 0 {
				if seen++; seen%every == 0 {
					continue
				}
			}
			kept = append(kept, packets[i])
		}
		r := analyze(kept)
		coherent(t, r)
		got := &r.Connections[0].ToServer
		if got.Bytes+got.Unseen != whole.Bytes || got.Unseen == 0 || got.AckedTo != whole.AckedTo || r.Verdict.Proven {
			t.Errorf("without every %dth: %d bytes and %d not seen, of %d", every, got.Bytes, got.Unseen, whole.Bytes)
		}
	}
}

// TestManyHoles: a long capture that lost much takes no more memory for it.
func TestManyHoles(t *testing.T) {
	s := open(1, false)
	s.silent = true
	a := trace.New(redBlue)
	for i := range s.packets {
		a.Add(&s.packets[i])
	}
	from := len(s.packets)
	const count = 200_000
	before := heapInUse()
	for i := range uint32(count) {
		s.data(0, 0, 1+8*i, uint64(8*i), "data")
		if i%10 == 0 {
			s.acknowledge(0, 1, uint64(8*i))
		}
		for ; from < len(s.packets); from++ {
			s.packets[from].Data = s.packets[from].Data[:min(14+40+40, len(s.packets[from].Data))]
			a.Add(&s.packets[from])
		}
		s.packets, from = s.packets[:0], 0
		s.late += millisecond
	}
	if used := heapInUse() - before; used > 16<<20 {
		t.Errorf("%d MiB are in use", used>>20)
	}
	c := &a.Report().Connections[0]
	if c.ToServer.Bytes != 4*count || c.Subflows[0].ToServer.Payload != 4*count || c.ToServer.Unseen < 4*(count-100) {
		t.Errorf("%+v", c.ToServer)
	}
}
