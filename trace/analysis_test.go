package trace_test

import (
	"net/netip"
	"testing"

	"allroads/trace"
	"allroads/wire"

	"github.com/google/go-cmp/cmp"
)

const millisecond = int64(1e6)

// acknowledge has a side acknowledge a part of the other's stream.
func (s *session) acknowledge(path, by int, upTo uint64) {
	s.sendDSS(path, by, 1, &wire.DSS{HasAck: true, Ack64: true, DataAck: s.base(1-by) + upTo}, "")
}

// TestRepeats tells apart why bytes are carried a second time. Each handshake takes
// 1 ms, as does each packet.
func TestRepeats(t *testing.T) {
	for _, test := range []struct {
		name  string
		write func(s *session)
		want  trace.Repeats // of blue
	}{
		{"at once", func(s *session) {
			s.silent = true
			s.late -= millisecond / 2
			s.data(1, 0, 1, 0, "hello ")
		}, trace.Repeats{Redundant: 6, Useless: 6, Delay: millisecond / 2}},
		{"after a while", func(s *session) {
			s.late += 100 * millisecond
			s.data(1, 0, 1, 0, "hello ")
		}, trace.Repeats{Reinjected: 6, Useful: 6, Delay: 101 * millisecond}},
		{"twice on blue", func(s *session) {
			s.data(1, 0, 1, 0, "hello ")
			s.data(1, 0, 7, 0, "hello ")
		}, trace.Repeats{Reinjected: 12, Useful: 6, Useless: 6, Delay: 2 * millisecond}},
		{"half of it", func(s *session) {
			s.late += 10 * millisecond
			s.data(1, 0, 1, 3, "lo wor")
		}, trace.Repeats{Reinjected: 3, Useful: 3, Delay: 11 * millisecond}},
		{"too late", func(s *session) {
			s.acknowledge(0, 1, 6)
			s.data(1, 0, 1, 0, "hello ")
		}, trace.Repeats{Reinjected: 6, Useless: 6, Delay: 2 * millisecond}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := open(wire.V1, false)
			s.silent = true // TCP on red does not acknowledge the first
			s.data(0, 0, 1, 0, "hello ")
			test.write(s)
			s.acknowledge(0, 1, 6)
			conn := s.report(t).Connections[0]
			want := test.want
			if test.name == "at once" {
				want.Useful, want.Useless = want.Useless, 0 // red has not acknowledged it
			}
			if diff := cmp.Diff(want, conn.Subflows[1].ToServer.Repeats); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestNeedless: the copy was of no use, as the first ones had arrived.
func TestNeedless(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ") // and TCP acknowledges it
	s.late += 50 * millisecond
	s.data(1, 0, 1, 0, "hello ")
	s.acknowledge(0, 1, 6)
	got := s.report(t).Connections[0].Subflows[1].ToServer.Repeats
	if want := (trace.Repeats{Reinjected: 6, Useless: 6, Delay: 52 * millisecond}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestSameSubflow: MPTCP may send again on the subflow that had carried it.
func TestSameSubflow(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.data(0, 0, 7, 0, "hello ")
	got := s.report(t).Connections[0].Subflows[0].ToServer
	if got.Repeats.SameSubflow != 6 || got.Reinjected != 6 || got.Retransmitted != 0 {
		t.Errorf("%+v", got)
	}
}

func TestReordering(t *testing.T) {
	s := open(wire.V1, false)
	s.silent = true
	s.data(1, 0, 1, 6, "world") // 1
	s.late += 9 * millisecond
	s.data(0, 0, 4, 3, "lo ") // 11
	s.late += 19 * millisecond
	s.data(0, 0, 1, 0, "hel")   // 31
	s.data(0, 0, 7, 20, "late") // 32
	s.data(0, 0, 11, 11, "more, and")
	conn := s.report(t).Connections[0]
	want := trace.Reordering{
		Packets: 3, Bytes: 12, Distance: 9, Buffer: 8,
		Waited: 31 * millisecond, Longest: 30 * millisecond,
		Average: (5*30 + 3*20 + 4*1) * millisecond / 12,
	}
	if diff := cmp.Diff(want, conn.ToServer.Reordering); diff != "" {
		t.Error(diff)
	}
	if red, blue := conn.Subflows[0].ToServer.WaitedFor, conn.Subflows[1].ToServer.WaitedFor; red != 31*millisecond || blue != 0 {
		t.Errorf("waited %d for red and %d for blue", red, blue)
	}
}

func TestStall(t *testing.T) {
	s := open(wire.V1, false)
	s.silent = true
	s.data(0, 0, 1, 0, "hello ")
	s.acknowledge(0, 1, 6)
	s.late += 500 * millisecond // nothing is on its way
	s.data(0, 0, 7, 6, "world")
	from := s.packets[len(s.packets)-1].Time
	s.late += 70 * millisecond
	s.data(1, 0, 1, 6, "world")
	s.acknowledge(1, 1, 11)
	want := trace.Stall{At: from, Duration: 72 * millisecond, Offset: 6, Before: 1, After: 2}
	if diff := cmp.Diff(want, s.report(t).Connections[0].ToServer.Stall); diff != "" {
		t.Error(diff)
	}
}

func TestRTT(t *testing.T) {
	s := newSession(wire.V1, false)
	s.openRed()
	s.late += 9 * millisecond
	s.data(0, 0, 1, 0, "hello ") // 1 ms
	s.silent = true
	s.data(0, 0, 7, 6, "lost")
	s.silent = false
	s.data(0, 0, 7, 6, "lost") // sent again: no answer counts
	s.data(0, 0, 11, 10, "x")
	got := s.report(t).Connections[0].Subflows[0]
	want := trace.RTT{Samples: 2, Min: millisecond, Max: millisecond, Last: millisecond, Average: millisecond, Handshake: millisecond}
	if diff := cmp.Diff(want, got.ToServer.RTT); diff != "" {
		t.Error(diff)
	}
	if got.ToClient.RTT != (trace.RTT{Handshake: millisecond}) {
		t.Errorf("to the client %+v", got.ToClient.RTT)
	}
}

// TestFallbackCause finds out by which packet a connection became plain TCP.
func TestFallbackCause(t *testing.T) {
	client, server := netip.MustParseAddrPort("10.0.0.2:40000"), netip.MustParseAddrPort("10.0.0.1:80")
	h := wire.MPCapable{Version: wire.V1, Flags: wire.FlagH}
	synAck, ack := h, h
	synAck.HasSenderKey, synAck.SenderKey = true, 7
	ack.HasSenderKey, ack.HasReceiverKey, ack.SenderKey, ack.ReceiverKey = true, true, 9, 7
	option := func(m wire.MPCapable) []byte { return wire.AppendMPCapable(nil, &m) }
	for _, test := range []struct {
		name  string
		write func(s *script)
		want  *trace.Fallback
	}{
		{"no MP_CAPABLE in the SYN/ACK", func(s *script) {
			s.send(client, server, 0, 0, trace.SYN, option(h), nil)
			s.send(server, client, 0, 1, trace.SYN|trace.ACK, nil, nil)
			s.send(client, server, 1, 1, trace.ACK, nil, []byte("plain"))
		}, &trace.Fallback{Cause: trace.CauseSYNACK, By: "server", Packet: 2, Time: 2 * millisecond}},
		{"SYN without", func(s *script) {
			s.send(client, server, 0, 0, trace.SYN, option(h), nil)
			s.send(client, server, 0, 0, trace.SYN, nil, nil)
			s.send(server, client, 0, 1, trace.SYN|trace.ACK, nil, nil)
		}, &trace.Fallback{Cause: trace.CauseSYN, By: "client", Packet: 2, Time: 2 * millisecond}},
		{"third packet", func(s *script) {
			s.send(client, server, 0, 0, trace.SYN, option(h), nil)
			s.send(server, client, 0, 1, trace.SYN|trace.ACK, option(synAck), nil)
			s.send(client, server, 1, 1, trace.ACK, nil, nil)
			s.send(client, server, 1, 1, trace.ACK, nil, []byte("plain"))
		}, &trace.Fallback{Cause: trace.CauseThirdACK, By: "client", Packet: 4, Time: 4 * millisecond}},
		{"no DSS", func(s *script) {
			s.send(client, server, 0, 0, trace.SYN, option(h), nil)
			s.send(server, client, 0, 1, trace.SYN|trace.ACK, option(synAck), nil)
			s.send(client, server, 1, 1, trace.ACK, option(ack), nil)
			s.send(server, client, 1, 1, trace.ACK, nil, []byte("plain"))
			s.send(client, server, 1, 6, trace.ACK, nil, nil)
		}, &trace.Fallback{Cause: trace.CauseNoDSS, By: "server", Packet: 4, Time: 4 * millisecond}},
		{"infinite mapping", func(s *script) {
			s.send(client, server, 0, 0, trace.SYN, option(h), nil)
			s.send(server, client, 0, 1, trace.SYN|trace.ACK, option(synAck), nil)
			s.send(client, server, 1, 1, trace.ACK, option(ack), nil)
			s.send(client, server, 1, 1, trace.ACK, wire.AppendDSS(nil, &wire.DSS{HasMap: true, DSN64: true, DSN: 5, SSN: 1}), []byte("x"))
		}, &trace.Fallback{Cause: trace.CauseInfiniteMapping, By: "client", Packet: 4, Time: 4 * millisecond}},
		{"none", func(s *script) {
			s.send(client, server, 0, 0, trace.SYN, option(h), nil)
			s.send(server, client, 0, 1, trace.SYN|trace.ACK, option(synAck), nil)
			s.send(client, server, 1, 1, trace.ACK, option(ack), nil)
			s.send(server, client, 1, 1, trace.ACK, nil, []byte("p"))
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var s script
			test.write(&s)
			r := analyze(s.packets)
			if diff := cmp.Diff(test.want, r.Connections[0].Fallback); diff != "" {
				t.Error(diff)
			}
			if test.want != nil {
				wantObjection(t, r, "fell back to TCP: "+test.want.Cause.String())
			}
		})
	}
}

func TestEvents(t *testing.T) {
	s := open(wire.V1, false)
	send := func(path int, option []byte) {
		ends := [][2]netip.AddrPort{s.red, s.blue}[path]
		isn := [][2]uint32{s.redISN, s.blueISN}[path]
		s.iface = path
		s.send(ends[0], ends[1], isn[0]+1, isn[1]+1, trace.ACK, option, nil)
	}
	send(1, wire.AppendMPPrio(nil, &wire.MPPrio{Backup: true}))
	send(0, wire.AppendRemoveAddr(nil, &wire.RemoveAddr{Count: 1, IDs: [37]uint8{5}}))
	send(0, wire.AppendAddAddr(nil, &wire.AddAddr{Version: wire.V1, Echo: true, AddressID: 3, Addr: netip.MustParseAddr("10.9.9.9")}))
	s.finish([2]uint64{0, 0})
	s.close(1)
	conn := s.report(t).Connections[0]
	var got []string
	for _, e := range conn.Events {
		got = append(got, string(e.Kind)+" "+e.By+" "+e.Detail)
		if p := s.packets[e.Packet-1]; p.Time != e.Time {
			t.Errorf("packet %d is of %d, not %d", e.Packet, p.Time, e.Time)
		}
	}
	want := []string{
		"opened client ", "established client ", "opened client ", "established client ",
		"mp_prio client MP_PRIO backup", "remove_addr client REMOVE_ADDR ids=5",
		"add_addr_echo client ADD_ADDR echo id=3 10.9.9.9",
		"data_fin client ", "data_fin server ", "closed client ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if blue := conn.Subflows[1]; !blue.ClientBackup || blue.ServerBackup || blue.Backup {
		t.Errorf("%+v", blue)
	}
}
