package trace_test

import (
	"slices"
	"testing"

	"allroads/trace"
)

// TestLostPackets leaves out each packet of a real capture. Without a data
// packet or a part of a handshake it proves nothing; it never crashes.
func TestLostPackets(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	for i := range packets {
		var s trace.Segment
		if err := s.Decode(&packets[i]); err != nil {
			t.Fatal(err)
		}
		verdict := analyze(slices.Delete(slices.Clone(packets), i, i+1)).Verdict
		if needed := s.Flags&trace.SYN != 0 || s.PayloadLen > 0; needed && verdict.Proven {
			t.Errorf("proven without packet %d, %v with %d bytes", i+1, s.Flags, s.PayloadLen)
		}
	}
}

// TestRepeatedPackets has every packet twice: that is allowed, and counted.
func TestRepeatedPackets(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	var twice []trace.Packet
	for _, p := range packets {
		twice = append(twice, p, p)
	}
	r := analyze(twice)
	wantProven(t, r)
	for _, flow := range r.Connections[0].Subflows {
		if got, want := flow.ToServer.Retransmitted, flow.ToServer.Bytes+flow.ToServer.Reinjected; got != want {
			t.Errorf("subflow %d: %d bytes retransmitted, want all %d", flow.ID, got, want)
		}
	}
}

// TestCutPackets cuts all packets at every length. What is cut off is not known,
// so nothing may be proven until the longest TCP header is there in whole.
func TestCutPackets(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	for snap := range 120 {
		short := slices.Clone(packets)
		cut := false
		for i := range short {
			var s trace.Segment
			if err := s.Decode(&packets[i]); err != nil {
				t.Fatal(err)
			}
			headers := packets[i].Length - s.PayloadLen
			cut = cut || snap < headers
			short[i].Data = short[i].Data[:min(snap, len(short[i].Data))]
		}
		if verdict := analyze(short).Verdict; verdict.Proven == cut {
			t.Errorf("cut at %d bytes: %s", snap, verdict)
		}
	}
}

func TestDroppedPackets(t *testing.T) {
	analyzer := trace.New(redBlue)
	packets := capturedPackets(t, twoPaths)
	for i := range packets {
		analyzer.Add(&packets[i])
	}
	analyzer.SetDropped(3)
	wantObjection(t, analyzer.Report(), "cannot judge: the capture lost 3 packets")
}

func FuzzAnalyzer(f *testing.F) {
	for _, p := range capturedPackets(f, twoPaths)[:12] {
		f.Add(p.Data, uint16(0), byte(0))
	}
	packets := capturedPackets(f, twoPaths)
	f.Fuzz(func(t *testing.T, data []byte, at uint16, flip byte) {
		// One packet of a real connection is replaced by the fuzzer's, and
		// another one is altered.
		mixed := clone(packets)
		mixed[int(at)%len(mixed)].Data = data
		other := mixed[int(at>>8)%len(mixed)].Data
		if len(other) > 34 {
			other[34+int(flip)%min(60, len(other)-34)] ^= flip
		}
		analyze(mixed)
	})
}
