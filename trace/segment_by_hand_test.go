package trace_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"allroads/trace"
)

// TestSegmentsByHand: segments that were not made by Decode are of the same flows.
func TestSegmentsByHand(t *testing.T) {
	for _, six := range []bool{false, true} {
		s := newSession(1, six)
		s.openRed()
		s.openBlue()
		s.data(0, 0, 1, 0, "hello ")
		s.data(1, 0, 1, 6, "world")
		s.finish([2]uint64{11, 0})
		a := trace.New(redBlue)
		for i := range s.packets {
			var d trace.Segment
			if err := d.Decode(&s.packets[i]); err != nil {
				t.Fatal(err)
			}
			a.AddSegment(&trace.Segment{
				Time: d.Time, Interface: d.Interface, Flags: d.Flags, Window: d.Window, Seq: d.Seq, Ack: d.Ack,
				Src: d.Src, Dst: d.Dst, Options: d.Options, Payload: d.Payload, PayloadLen: d.PayloadLen,
			})
		}
		got, _ := json.Marshal(a.Report())
		want, _ := json.Marshal(s.report(t))
		if !bytes.Equal(got, want) {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
