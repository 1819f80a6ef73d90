package trace_test

import (
	"cmp"
	"slices"
	"testing"

	"allroads/trace"
)

// elsewhere adds what another place has captured of packets, a time later by its
// clock.
func elsewhere(packets []trace.Packet, later int64) []trace.Packet {
	both := slices.Clone(packets)
	for _, p := range packets {
		p.Interface, p.Time = p.Interface+2, p.Time+later
		both = append(both, p)
	}
	slices.SortStableFunc(both, func(a, b trace.Packet) int { return cmp.Compare(a.Time, b.Time) })
	return both
}

func analyzeByAddress(packets []trace.Packet) *trace.Report {
	a := trace.New([]string{"red", "blue", "far red", "far blue"})
	a.Follow(trace.Options{ByAddress: true})
	for i := range packets {
		a.Add(&packets[i])
	}
	return a.Report()
}

// TestCopies: a connection that was captured at both ends is the same as at the one
// where it was seen first, whatever the clock of the other one says.
func TestCopies(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	alone := analyzeByAddress(packets)
	wantProven(t, alone)
	for _, later := range []int64{1, 50e3, 30e6, 3e9, 3600e9, -30e6, -3600e9} {
		got := analyzeByAddress(elsewhere(packets, later))
		wantProven(t, got)
		if got.Packets.Copies != uint64(len(packets)) || len(got.Connections) != 1 {
			t.Fatalf("%d ns later: %d copies of %d packets, %d connections", later, got.Packets.Copies, len(packets), len(got.Connections))
		}
		mine, theirs := &alone.Connections[0], &got.Connections[0]
		for i := range mine.Subflows {
			a, b := mine.Subflows[i].ToServer, theirs.Subflows[i].ToServer
			if a.Bytes != b.Bytes || a.Retransmitted != b.Retransmitted || a.RTT != b.RTT || a.Segments != b.Segments {
				t.Errorf("%d ns later, subflow %d: %+v, alone %+v", later, i+1, b, a)
			}
		}
	}
}

// TestSYNElsewhere: a SYN that is sent again over another interface is no copy.
func TestSYNElsewhere(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	again := packets[0]
	again.Time -= 1e9
	again.Interface = 3
	got := analyzeByAddress(append([]trace.Packet{again}, packets...))
	if got.Packets.Copies != 0 || got.Connections[0].Subflows[0].SYNs != 2 || !got.Connections[0].Subflows[0].Established {
		t.Errorf("%d copies, %+v", got.Packets.Copies, got.Connections[0].Subflows[0])
	}
}
