package trace_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// offer sets the window that the last packet offers.
func (s *session) offer(window uint16) {
	binary.BigEndian.PutUint16(s.packets[len(s.packets)-1].Data[14+20+14:], window)
}

// TestWindow: how long a receiver's window kept the sender from sending.
func TestWindow(t *testing.T) {
	s := newSession(wire.V1, false)
	s.openRed()
	s.openBlue()
	for i := range s.packets { // a window scale of 2 in each SYN
		if p := &s.packets[i]; p.Data[14+20+13]&byte(trace.SYN) != 0 {
			p.Data = slices.Insert(p.Data, 14+20+20, 1, 3, 3, 2)
			p.Length += 4
			p.Data[14+3] += 4
			p.Data[14+20+12] += 0x10
		}
	}
	s.silent = true
	s.acknowledge(0, 1, 0)
	s.offer(5) // 20 bytes, at 7 ms
	s.data(0, 0, 1, 0, "0123456789")
	s.data(1, 0, 1, 10, "0123456789") // limited from here on, 9 ms
	s.late += 50 * millisecond
	s.acknowledge(0, 1, 10)
	s.offer(5) // until 60 ms: room for 10 more
	s.data(0, 0, 11, 20, "0123456789")
	s.late += 100 * millisecond
	s.acknowledge(1, 1, 30)
	s.offer(0) // all is there
	s.acknowledge(1, 1, 30)
	s.offer(100)
	c := &s.report(t).Connections[0]
	want := trace.Window{Known: true, Min: 0, Max: 400, Closed: 1, Limited: (51 + 101) * millisecond, Flight: 20}
	if c.ToServer.Window != want {
		t.Errorf("%+v, want %+v", c.ToServer.Window, want)
	}
	if r := follow(midway, s.packets[6:]); r.Connections[0].ToServer.Window != (trace.Window{}) {
		t.Errorf("without the scale %+v", r.Connections[0].ToServer.Window)
	}
}

// TestChart: buckets of time of a constant count, which get wider.
func TestChart(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ") // at 7 ms, acknowledged 1 ms later
	s.data(1, 0, 1, 6, "world ")
	s.data(1, 0, 1, 6, "world ")
	s.late += 1000 * millisecond
	s.data(1, 0, 7, 0, "hello ")
	s.data(1, 0, 13, 12, "end")
	for _, buckets := range []int{3, 4, 1000, 2000} {
		c := &follow(trace.Options{Chart: buckets}, s.packets).Connections[0]
		wantWidth := 256 * millisecond
		if buckets > 4 {
			wantWidth = 2000 / int64(buckets) * millisecond
		}
		if c.ChartWidth != wantWidth {
			t.Errorf("%d buckets of %d", buckets, c.ChartWidth)
		}
		for i := range c.Subflows {
			for _, of := range []*trace.Carried{&c.Subflows[i].ToServer, &c.Subflows[i].ToClient} {
				var sum trace.Bucket
				for _, b := range of.Chart {
					sum.Bytes += b.Bytes
					sum.Repeated += b.Repeated
					sum.High = max(sum.High, b.High)
				}
				if sum.Bytes != of.Bytes || sum.Repeated != of.Reinjected+of.Retransmitted || len(of.Chart) > buckets+1 {
					t.Errorf("%+v is not all of %+v", of.Chart, of)
				}
			}
		}
		blue := c.Subflows[1].ToServer.Chart
		if last := blue[len(blue)-1]; buckets == 1000 && (last.Bytes != 3 || last.High != 15 || last.RTT != millisecond || last.MaxRTT != millisecond) {
			t.Errorf("%+v", last)
		}
		if first := blue[0]; buckets == 4 && (first.Bytes != 6 || first.Repeated != 6 || first.Low != 6 || first.High != 12) {
			t.Errorf("%+v", first)
		}
	}
	if c := &s.report(t).Connections[0]; c.ChartWidth != 0 || c.Subflows[0].ToServer.Chart != nil {
		t.Errorf("charts that nobody asked for: %+v", c)
	}
}
