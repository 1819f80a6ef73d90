package trace_test

import (
	"net/netip"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

func follow(o trace.Options, packets []trace.Packet) *trace.Report {
	a := trace.New(redBlue)
	a.Follow(o)
	for i := range packets {
		a.Add(&packets[i])
	}
	return a.Report()
}

var midway = trace.Options{Midway: true}

// number gives a data segment a DATA_ACK too, as Linux does.
func (s *session) both(path, side int, ssn uint32, offset, acked uint64, payload string) {
	s.sendDSS(path, side, ssn, &wire.DSS{
		HasMap: true, DSN64: true, DSN: s.base(side) + offset, SSN: ssn, Length: uint16(len(payload)),
		HasAck: true, Ack64: true, DataAck: s.base(1-side) + acked,
	}, payload)
}

// TestMidway: what is captured from the middle on is followed when asked for, and
// nothing is claimed about the start.
func TestMidway(t *testing.T) {
	for _, version := range []wire.Version{wire.V0, wire.V1} {
		s := open(version, false)
		s.data(0, 0, 1, 0, "before")
		start := len(s.packets)
		s.both(0, 0, 7, 6, 0, "hello ")
		s.both(1, 0, 1, 12, 0, "world")
		s.both(1, 1, 1, 0, 17, "back")
		s.finish([2]uint64{17, 4})
		s.close(0)
		s.close(1)
		if r := analyze(s.packets[start:]); len(r.Connections) != 0 || r.Packets.NotMPTCP != uint64(len(s.packets)-start) {
			t.Errorf("without the option %+v", r)
		}
		r := follow(midway, s.packets[start:])
		if len(r.Connections) != 1 {
			t.Fatalf("%d connections", len(r.Connections))
		}
		c := &r.Connections[0]
		if c.Inferred != trace.InferredDSN || c.Version != nil || len(c.Keys) != 0 || len(c.Subflows) != 2 || !c.Multipath {
			t.Errorf("%+v", c)
		}
		if c.ToServer.Bytes != 11 || c.ToClient.Bytes != 4 || c.ToServer.AckedTo != 12 || !c.ToServer.Ended || c.ToServer.Unseen != 0 {
			t.Errorf("%+v and %+v", c.ToServer, c.ToClient)
		}
		if c.Subflows[0].ToServer.Bytes != 6 || c.Subflows[1].ToServer.Bytes != 5 || c.Subflows[1].ToClient.Bytes != 4 {
			t.Errorf("%+v", c.Subflows)
		}
		if red := &c.Subflows[0]; red.Client != s.red[0] || red.ToServer.Acknowledged != 6 || red.Outcome != trace.OutcomeUnknown || red.Ended != trace.EndFIN {
			t.Errorf("%+v", red)
		}
		for _, check := range c.Checks {
			if check.Status != trace.Unknown {
				t.Errorf("%s is %s: %s", check.Name, check.Status, check.Detail)
			}
		}
		if c.Conclusion.Kind != trace.KindMultipath || r.Verdict.Proven {
			t.Errorf("%+v, %s", c.Conclusion, r.Verdict)
		}
	}
}

// TestMidwayTwo: two connections at a time are not mixed up.
func TestMidwayTwo(t *testing.T) {
	one, two := open(wire.V1, false), newSession(wire.V1, false)
	two.keys = [2]wire.Key{77, 78}
	for path, ends := range []*[2]netip.AddrPort{&two.red, &two.blue} {
		ends[0] = netip.AddrPortFrom(ends[0].Addr(), uint16(61000+path))
	}
	two.openRed()
	two.openBlue()
	var packets []trace.Packet
	for i := range uint32(10) {
		for _, s := range []*session{one, two} {
			from := len(s.packets)
			s.data(int(i)%2, 0, 1+i/2*4, uint64(4*i), "data")
			packets = append(packets, s.packets[from:]...)
		}
	}
	r := follow(midway, packets)
	if len(r.Connections) != 2 {
		t.Fatalf("%d connections", len(r.Connections))
	}
	for i := range r.Connections {
		c := &r.Connections[i]
		if len(c.Subflows) != 2 || c.ToServer.Bytes != 40 || c.Subflows[0].ToServer.Bytes != 20 || c.Inferred != trace.InferredDSN {
			t.Errorf("%+v", c)
		}
	}
}

// TestMidwayJoin: MP_JOINs of one token are of one connection, and when its data
// comes, so is the subflow that was there before.
func TestMidwayJoin(t *testing.T) {
	for _, first := range []string{"joins", "data"} {
		s := newSession(wire.V1, false)
		s.openRed()
		s.data(0, 0, 1, 0, "before")
		start := len(s.packets)
		if first == "data" {
			s.both(0, 0, 7, 6, 0, "hello ")
		}
		s.openBlue()
		third := s.blue
		s.blue[0] = netip.MustParseAddrPort("172.16.0.2:50001")
		s.openBlue()
		s.blue = third
		s.both(1, 0, 1, 12, 0, "world")
		if first != "data" {
			s.both(0, 0, 7, 6, 0, "hello ")
		}
		r := follow(midway, s.packets[start:])
		if len(r.Connections) != 1 {
			t.Fatalf("%s: %d connections", first, len(r.Connections))
		}
		c := &r.Connections[0]
		if c.Inferred != trace.InferredDSN || len(c.Subflows) != 3 || c.ToServer.Bytes != 11 || r.OrphanJoins != 1 {
			t.Errorf("%s: %d joins were unknown, %+v", first, r.OrphanJoins, c)
		}
		for i := range c.Subflows {
			if flow := &c.Subflows[i]; flow.ID != i+1 || flow.Server != s.red[1] {
				t.Errorf("%s: %+v", first, flow)
			}
			for _, check := range c.Subflows[i].Checks {
				if check.Status == trace.Bad || check.Status == trace.OK && check.Name != "handshake" {
					t.Errorf("%s: %+v", first, check)
				}
			}
		}
		for _, event := range c.Events {
			if event.Subflow < 1 || event.Subflow > 3 {
				t.Errorf("%+v", event)
			}
		}
	}
}

// TestMidwayNarrow: numbers of 32 bits tell less, and it is said so.
func TestMidwayNarrow(t *testing.T) {
	s := open(wire.V1, false)
	start := len(s.packets)
	for i := range 2 {
		s.sendDSS(i, 0, 1, &wire.DSS{HasMap: true, DSN: uint64(uint32(s.base(0) + uint64(6*i))), SSN: 1, Length: 6}, "hello ")
	}
	c := &follow(midway, s.packets[start:]).Connections[0]
	if c.Inferred != trace.InferredNarrow || len(c.Subflows) != 2 || c.ToServer.Bytes != 12 {
		t.Errorf("%+v", c)
	}
}

// TestMidwayHandshake: without the SYN, or the SYN/ACK, the keys still tell all.
func TestMidwayHandshake(t *testing.T) {
	for _, version := range []wire.Version{wire.V0, wire.V1} {
		for without := 1; without <= 2; without++ {
			s := open(version, false)
			s.data(0, 0, 1, 0, "hello ")
			s.data(1, 0, 1, 6, "world")
			s.finish([2]uint64{11, 0})
			r := follow(midway, s.packets[without:])
			if len(r.Connections) != 1 {
				t.Fatalf("%d connections", len(r.Connections))
			}
			c := &r.Connections[0]
			if c.Inferred != "" || *c.Version != version || len(c.Keys) != 2 || len(c.Subflows) != 2 || c.ToServer.Bytes != 11 || c.Establishment != 0 {
				t.Errorf("%+v", c)
			}
			for _, check := range append(c.Checks, c.Subflows[1].Checks...) {
				if check.Status != trace.OK {
					t.Errorf("%+v", check)
				}
			}
		}
	}
}

// TestMidwaySplitSegments: a mapping of several segments, of which the first were not
// captured, is not taken to begin with the first that was.
func TestMidwaySplitSegments(t *testing.T) {
	s := open(wire.V1, false)
	long := &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0), SSN: 1, Length: 12}
	s.sendDSS(0, 0, 1, long, "0123")
	start := len(s.packets)
	s.sendDSS(0, 0, 5, long, "4567")
	s.sendDSS(0, 0, 9, long, "89ab")
	next := &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0) + 12, SSN: 13, Length: 8}
	s.sendDSS(0, 0, 13, next, "cdef")
	s.sendDSS(0, 0, 17, next, "ghij")
	s.data(1, 0, 1, 20, "more")
	c := &follow(midway, s.packets[start:]).Connections[0]
	if c.ToServer.Bytes != 20 || c.Subflows[0].ToServer.Bytes != 16 || c.ToServer.Reordering.Packets != 0 {
		t.Errorf("%+v, %+v", c.ToServer, c.Subflows[0].ToServer)
	}
}

// TestHalves splits a real capture at many places: the halves have the same bytes as
// the whole.
func TestHalves(t *testing.T) {
	packets := capturedPackets(t, twoPaths)
	whole := &analyze(packets).Connections[0]
	for cut := 10; cut < len(packets); cut += 7 {
		var bytes, repeated uint64
		var to []trace.Inference
		for _, half := range [][]trace.Packet{packets[:cut], packets[cut:]} {
			r := follow(midway, half)
			for i := range r.Connections {
				c := &r.Connections[i]
				bytes += c.ToServer.Bytes
				to = append(to, c.Inferred)
				for j := range c.Subflows {
					repeated += c.Subflows[j].ToServer.Reinjected
				}
			}
			if len(r.Connections) > 1 {
				t.Errorf("cut at %d: %d connections", cut, len(r.Connections))
			}
		}
		if bytes != whole.ToServer.Bytes {
			t.Errorf("cut at %d: %d bytes, want %d (%v)", cut, bytes, whole.ToServer.Bytes, to)
		}
	}
}
