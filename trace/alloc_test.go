package trace_test

import (
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// TestAnalyzeAllocatesNothing sends data over two paths, out of order and some of it
// twice, and counts what the analyzer allocates once its lists have grown.
func TestAnalyzeAllocatesNothing(t *testing.T) {
	for _, options := range []trace.Options{{}, {Midway: true, TCP: true, Chart: 64}} {
		s := open(wire.V1, false)
		opened := len(s.packets)
		const size = 100
		payload := string(make([]byte, size))
		for i := range uint32(6000) {
			path, ssn := int(i&1), 1+i/2*size
			s.data(path, 0, ssn, uint64(i^1)*size, payload)
			if i%50 == 0 {
				s.data(path, 0, ssn, uint64(i^1)*size, payload)
			}
			if i&1 != 0 {
				s.acknowledge(path, 1, uint64(i+1)*size)
			}
		}
		for i := range s.packets[opened:] { // headers only
			p := &s.packets[opened+i]
			p.Data = p.Data[:min(len(p.Data), 14+20+60)]
		}
		a := trace.New(redBlue)
		a.Follow(options)
		next := 0
		add := func(n int) {
			for range n {
				a.Add(&s.packets[next])
				next++
			}
		}
		add(len(s.packets) / 3)
		n := len(s.packets) / 3 / 10
		if allocated := testing.AllocsPerRun(9, func() { add(n) }); allocated != 0 {
			t.Errorf("%+v: %v allocations for %d packets", options, allocated, n)
		}
		conn := &a.Report().Connections[0]
		if conn.ToServer.Bytes < 2000*size || conn.ToServer.Reordering.Packets == 0 || conn.Subflows[0].ToServer.Resent == 0 {
			t.Errorf("%+v", conn.ToServer)
		}
	}
}

// TestConnectionsAllocateLittle: one connection after the other takes what the one
// before has left.
func TestConnectionsAllocateLittle(t *testing.T) {
	var rounds [][]trace.Packet
	payload := string(make([]byte, 100))
	for i := range 40 {
		s := newSession(wire.V1, false)
		s.keys = [2]wire.Key{wire.Key(2*i + 1), wire.Key(2*i + 2)}
		s.late = int64(i) * 1e9
		s.openRed()
		s.openBlue()
		s.data(0, 0, 1, 0, payload)
		s.data(1, 0, 1, 100, payload)
		s.finish([2]uint64{200, 0})
		s.close(0)
		s.close(1)
		for j := range s.packets {
			s.packets[j].Data = s.packets[j].Data[:min(len(s.packets[j].Data), 14+20+60)]
		}
		rounds = append(rounds, s.packets)
	}
	a, ended := trace.New(redBlue), 0
	a.Follow(trace.Options{Brief: true})
	a.Yield(func(c *trace.Connection) {
		if c.Conclusion.Kind != trace.KindMultipath || c.ToServer.Bytes != 200 || len(c.Subflows) != 2 {
			t.Errorf("connection %d is %+v", c.ID, c.Conclusion)
		}
		ended++
	})
	next := 0
	allocated := testing.AllocsPerRun(len(rounds)-1, func() {
		for i := range rounds[next] {
			a.Add(&rounds[next][i])
		}
		next++
	})
	if allocated > 3 || ended != len(rounds) {
		t.Errorf("%v allocations for each of %d connections", allocated, ended)
	}
}
