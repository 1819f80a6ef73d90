package trace_test

import (
	"encoding/binary"
	"encoding/json"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// FuzzSequences damages, drops, repeats and reorders the packets of connections, and
// gives them to analyzers with all options. None may fail, and what they say must
// hold together.
func FuzzSequences(f *testing.F) {
	var sessions [][]trace.Packet
	for _, version := range []wire.Version{wire.V0, wire.V1} {
		s := newSession(version, version == wire.V1)
		s.checksums = version == wire.V0
		s.openRed()
		s.openBlue()
		s.data(0, 0, 1, 0, "hello ")
		s.both(1, 0, 1, 6, 0, "world")
		s.both(1, 1, 1, 0, 11, "back")
		s.data(0, 0, 7, 6, "world")
		s.send(s.red[1], s.red[0], 1, 1, trace.ACK, wire.AppendMPFail(nil, &wire.MPFail{DSN: 1}), nil)
		s.send(s.red[1], s.red[0], 1, 1, trace.ACK, wire.AppendRemoveAddr(nil, &wire.RemoveAddr{Count: 1}), nil)
		s.finish([2]uint64{11, 4})
		s.close(0)
		s.close(1)
		s.tcp(nil)
		s.bytes(1, "plain")
		sessions = append(sessions, s.packets)
	}
	f.Add([]byte{})
	f.Add([]byte{4, 1, 9, 3, 2, 5, 7, 3, 1, 1, 20, 60, 255})
	f.Add([]byte{0, 9, 0, 0, 1, 6, 2, 2, 3, 40, 4, 4, 30, 8, 1})
	f.Fuzz(func(t *testing.T, program []byte) {
		packets := clone(sessions[len(program)%2])
		for len(program) >= 3 {
			packets = maim(packets, program[0], int(program[1]), program[2])
			program = program[3:]
		}
		for _, o := range []trace.Options{{}, {Midway: true}, {TCP: true, Chart: 6}, {Midway: true, TCP: true, Chart: 16}} {
			r := follow(o, packets)
			if _, err := json.Marshal(r); err != nil {
				t.Fatal(err)
			}
			coherent(t, r)
			ended := 0
			a := trace.New(redBlue)
			o.Brief = true
			a.Follow(o)
			a.Yield(func(c *trace.Connection) {
				_ = c.Conclusion.String()
				ended++
			})
			for i := range packets {
				a.Add(&packets[i])
			}
			a.End()
			if ended != len(r.Connections) || a.Open() != 0 {
				t.Fatalf("%d connections yielded, %d reported, %d flows open", ended, len(r.Connections), a.Open())
			}
		}
	})
}

// maim does one thing to a list of packets.
func maim(packets []trace.Packet, what byte, at int, value byte) []trace.Packet {
	if len(packets) == 0 {
		return packets
	}
	at %= len(packets)
	p := &packets[at]
	switch what % 8 {
	case 0:
		return append(packets[:at], packets[at+1:]...)
	case 1:
		return append(packets, *p)
	case 2:
		other := int(value) % len(packets)
		packets[at], packets[other] = packets[other], packets[at]
	case 3:
		p.Data = p.Data[:min(len(p.Data), int(value))]
	case 4: // a byte of the options
		if i := 54 + int(value)%60; i < len(p.Data) {
			p.Data[i] ^= value | 1
		}
	case 5: // a byte of the headers
		if i := 14 + int(value)%60; i < len(p.Data) {
			p.Data[i] += value>>2 | 1
		}
	case 6:
		p.Time += int64(int8(value)) * 1e8
	case 7: // sequence numbers
		if i := len(p.Data) - 40; i > 14 {
			binary.BigEndian.PutUint32(p.Data[i:], uint32(value)<<24)
		}
	}
	return packets
}

// coherent holds the numbers of a report against each other.
func coherent(t *testing.T, r *trace.Report) {
	t.Helper()
	for i := range r.Connections {
		c := &r.Connections[i]
		var sums [2]uint64
		for j := range c.Subflows {
			flow := &c.Subflows[j]
			for side, of := range []*trace.Carried{&flow.ToServer, &flow.ToClient} {
				sums[side] += of.Bytes
				if of.Bytes+of.Reinjected > of.Payload || of.Resent > of.Segments || of.WaitedFor < 0 || of.RTT.Min < 0 {
					t.Fatalf("connection %d, subflow %d: %+v", c.ID, flow.ID, of)
				}
				repeats := of.Repeats
				if sum := repeats.SameSubflow + repeats.Redundant + repeats.Reinjected + repeats.Forgotten; sum != of.Reinjected {
					t.Fatalf("connection %d, subflow %d: %d repeats of %d, %+v", c.ID, flow.ID, sum, of.Reinjected, repeats)
				}
			}
		}
		for side, stream := range []*trace.Stream{&c.ToServer, &c.ToClient} {
			if stream.Bytes != sums[side] || stream.Window.Limited < 0 || stream.Stall.Duration < 0 || stream.Reordering.Waited < 0 {
				t.Fatalf("connection %d: %d bytes of subflows, %+v", c.ID, sums[side], stream)
			}
		}
		if c.Conclusion.Text == "" || c.Multipath && len(c.Checks) == 0 {
			t.Fatalf("connection %d: %+v", c.ID, c)
		}
	}
}
