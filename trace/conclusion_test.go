package trace_test

import (
	"strings"
	"testing"

	"allroads/trace"
	"allroads/wire"
)

// wantFinding looks for a finding of the first connection.
func wantFinding(t *testing.T, r *trace.Report, code trace.Code, words string) {
	t.Helper()
	end := &r.Connections[0].Conclusion
	for i := range end.Findings {
		if end.Findings[i].Code == code && strings.Contains(end.Findings[i].Text, words) {
			if !strings.Contains(end.Text, words) || end.Text != end.String() {
				t.Errorf("the text is %q", end.Text)
			}
			return
		}
	}
	t.Errorf("no %s with %q: %+v", code, words, end)
}

// blueSYN asks for the second subflow.
func (s *session) blueSYN() {
	s.openBlue()
	s.packets = s.packets[:len(s.packets)-2]
}

// TestOutcomes: what became of a join is told by its field, an event, and the
// conclusion.
func TestOutcomes(t *testing.T) {
	reset := func(s *session, options []byte) {
		s.send(s.blue[1], s.blue[0], 0, s.blueISN[0]+1, trace.RST|trace.ACK, options, nil)
	}
	for _, test := range []struct {
		name    string
		write   func(s *session)
		outcome trace.Outcome
		ended   trace.Ending
		code    trace.Code
		words   string
		syns    uint64
	}{
		{"established", func(s *session) { s.openBlue() }, trace.OutcomeEstablished, "", trace.FoundJoinedLate, "when all data had been sent", 1},
		{"refused", func(s *session) {
			s.blueSYN()
			reset(s, wire.AppendMPTCPRst(nil, &wire.MPTCPRst{Reason: wire.ResetReason(3)}))
		}, trace.OutcomeRefused, trace.EndReset, trace.FoundRefused, "refused by the server: " + wire.ResetReason(3).String(), 1},
		{"refused without a reason", func(s *session) { s.blueSYN(); reset(s, nil) }, trace.OutcomeRefused, trace.EndReset,
			trace.FoundRefused, "refused by the server: reset without a reason", 1},
		{"no answer", func(s *session) {
			s.blueSYN()
			s.packets = append(s.packets, s.packets[len(s.packets)-1])
		}, trace.OutcomeNoAnswer, "", trace.FoundNoAnswer, "no answer", 2},
		{"no MP_JOIN", func(s *session) {
			s.blueSYN()
			s.send(s.blue[1], s.blue[0], 5, s.blueISN[0]+1, trace.SYN|trace.ACK, nil, nil)
		}, trace.OutcomePlain, "", trace.FoundNoMPTCP, "without MP_JOIN", 1},
		{"no third packet", func(s *session) {
			s.openBlue()
			s.packets = s.packets[:len(s.packets)-1]
		}, trace.OutcomeNoACK, "", trace.FoundNoACK, "never confirmed", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSession(wire.V1, false)
			s.openRed()
			s.data(0, 0, 1, 0, "hello ")
			test.write(s)
			r := s.report(t)
			blue := &r.Connections[0].Subflows[1]
			if blue.Outcome != test.outcome || blue.Ended != test.ended || blue.SYNs != test.syns {
				t.Errorf("outcome %s, ended %q, %d SYNs", blue.Outcome, blue.Ended, blue.SYNs)
			}
			wantFinding(t, r, test.code, test.words)
			events := r.Connections[0].Events
			if refused := events[len(events)-1].Kind == trace.EventRefused; refused != (test.outcome == trace.OutcomeRefused) {
				t.Errorf("events %+v", events)
			}
		})
	}
}

func TestOnePath(t *testing.T) {
	s := newSession(wire.V1, false)
	s.openRed()
	s.data(0, 0, 1, 0, "hello ")
	wantFinding(t, s.report(t), trace.FoundNoJoin, "no MP_JOIN was seen")

	s = open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	wantFinding(t, s.report(t), trace.FoundIdle, "carried nothing")
	s.iface = 1
	s.send(s.blue[1], s.blue[0], s.blueISN[1]+1, s.blueISN[0]+1, trace.ACK, wire.AppendMPPrio(nil, &wire.MPPrio{Backup: true}), nil)
	s.data(0, 0, 7, 6, "world")
	wantFinding(t, s.report(t), trace.FoundBackup, "backup, as the server asked")
	if kind := s.report(t).Connections[0].Conclusion.Kind; kind != trace.KindSinglePath {
		t.Error(kind)
	}
}

// TestHandover: red dies with data under way, and blue brings it.
func TestHandover(t *testing.T) {
	for _, because := range []string{"reset", "removed", "stale", "silent", ""} {
		s := open(wire.V1, false)
		s.data(0, 0, 1, 0, "hello ")
		s.acknowledge(0, 1, 6)
		s.silent = true
		s.data(0, 0, 7, 6, "world")
		s.silent = false
		switch because {
		case "reset":
			s.iface = 0
			s.send(s.red[1], s.red[0], s.redISN[1]+1, s.redISN[0]+7, trace.RST|trace.ACK, nil, nil)
		case "removed":
			s.send(s.blue[0], s.blue[1], s.blueISN[0]+1, s.blueISN[1]+1, trace.ACK,
				wire.AppendRemoveAddr(nil, &wire.RemoveAddr{Count: 1}), nil)
		}
		s.late += 700 * millisecond
		s.data(1, 0, 1, 6, "world")
		s.acknowledge(1, 1, 11)
		if because == "stale" {
			s.late += 5000 * millisecond
			s.iface = 0 // red is seen, but acknowledges nothing
			s.send(s.red[1], s.red[0], s.redISN[1]+1, s.redISN[0]+7, trace.ACK, nil, nil)
		}
		if because == "" {
			s.data(0, 0, 12, 11, "back again")
		}
		s.data(1, 0, 6, 21, "more")
		conn := &s.report(t).Connections[0]
		handover := conn.Conclusion.Handover
		if because == "" {
			if handover != nil {
				t.Errorf("%+v", handover)
			}
			continue
		}
		if handover == nil || handover.Because != because || handover.Before != 1 || handover.After != 2 || handover.To != "server" ||
			handover.Duration < 700*millisecond || handover.Duration > 710*millisecond {
			t.Errorf("%s: %+v, stall %+v", because, handover, conn.ToServer.Stall)
		}
	}
}

// TestStale: the acknowledgement of payload is due for long.
func TestStale(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.silent = true
	s.data(0, 0, 7, 6, "world")
	s.silent = false
	s.late += 3000 * millisecond
	s.data(0, 0, 7, 6, "world")
	s.silent = true
	s.data(1, 0, 1, 11, "more") // its acknowledgement is not captured at all
	s.late += 2000 * millisecond
	s.data(1, 0, 1, 11, "more")
	conn := &s.report(t).Connections[0]
	if got := conn.Subflows[0].ToServer.Stale; got.Count != 1 || got.Longest != 3002*millisecond || got.Total != got.Longest {
		t.Errorf("%+v", got)
	}
	if got := conn.Subflows[1].ToServer.Stale; got.Count != 1 || got.Longest != 2001*millisecond {
		t.Errorf("%+v", got)
	}
	stale := 0
	for _, event := range conn.Events {
		if event.Kind == trace.EventStale && event.Subflow == 1 && event.Detail == "nothing was acknowledged for 3.002s" {
			stale++
		}
	}
	if stale != 1 {
		t.Errorf("%+v", conn.Events)
	}
}

// TestMiddleboxes: what was changed on the way is told apart from what was not.
func TestMiddleboxes(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.data(1, 0, 1, 6, "world")
	if end := s.report(t).Connections[0].Conclusion; len(end.Findings) != 0 {
		t.Errorf("%+v", end)
	}
	for i := range uint32(4) { // the numbers of blue are moved by 100
		s.sendDSS(1, 0, 106+4*i, &wire.DSS{
			HasMap: true, DSN64: true, DSN: s.base(0) + 11 + uint64(4*i), SSN: 6 + 4*i, Length: 4}, "more")
	}
	wantFinding(t, s.report(t), trace.SignSequence, "subflow 2 has data at other numbers")

	s = open(wire.V1, false)
	for i := range uint32(5) {
		s.data(0, 0, 1+6*i, uint64(6*i), "hello ") // and acknowledgements without any option
	}
	wantFinding(t, s.report(t), trace.SignOptions, "no MPTCP options from the server after the handshake")

	s = newSession(wire.V1, false)
	s.checksums = true
	s.openRed()
	s.openBlue()
	s.data(0, 0, 1, 0, "hello ")
	last := s.packets[len(s.packets)-2].Data
	last[len(last)-1] ^= 1
	wantFinding(t, s.report(t), trace.SignPayload, "subflow 1 has payload from the client that its DSS checksum does not fit")

	s = open(wire.V1, false)
	s.iface = 1
	s.send(s.blue[1], s.blue[0], 1, 1, trace.RST, wire.AppendMPTCPRst(nil, &wire.MPTCPRst{Reason: wire.ResetMiddlebox}), nil)
	wantFinding(t, s.report(t), trace.SignReset, "reset by the server because of a middlebox")
}

// TestTimes: how long it took, and how fast it was.
func TestTimes(t *testing.T) {
	s := newSession(wire.V1, false)
	s.openRed() // at 1, 2 and 3 ms
	s.late += 40 * millisecond
	s.openBlue()                 // at 44, 45 and 46
	s.data(0, 0, 1, 0, "hello ") // 47, and its acknowledgement
	s.late += 100 * millisecond
	s.data(1, 0, 1, 6, "world ") // 149
	s.data(1, 0, 1, 6, "world ") // 151
	c := &s.report(t).Connections[0]
	if c.Establishment != trace.Elapsed(2*millisecond) || c.SecondSubflow != trace.Elapsed(45*millisecond) || c.Subflows[1].Establishment != c.Establishment {
		t.Errorf("%+v", c)
	}
	want := trace.Rate(12 * 8 * 1000 / 104)
	if got := c.ToServer; got.Goodput != want || got.Sent != 18 || got.Throughput != 18*8*1000/104 || got.Last-got.First != 104*millisecond {
		t.Errorf("%+v", got)
	}
	if c.ToClient.Goodput != 0 || c.Conclusion.ToServer.Goodput != want || c.Conclusion.ToServer.Subflow != 2 {
		t.Errorf("%+v", c.Conclusion)
	}
	if idle := c.Subflows[1].Idle; idle.Duration != 103*millisecond || idle.At != 46*millisecond {
		t.Errorf("%+v", idle)
	}
	if share, known := c.Subflows[1].ToServer.Loss(); !known || share != 0.5 {
		t.Error(share, known)
	}
	if _, known := c.Subflows[1].ToClient.Loss(); known {
		t.Error("a loss of nothing")
	}
}

// TestUnseen: what the capture has not, though the other side has.
func TestUnseen(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.data(0, 0, 12, 11, "again")
	s.sendDSS(1, 0, 1, &wire.DSS{HasMap: true, DSN64: true, DSN: s.base(0) + 6, SSN: 1, Length: 5}, "")
	s.acknowledge(0, 1, 16)
	s.data(0, 0, 17, 16, "more")
	s.data(0, 0, 21, 20, "more")
	c := &s.report(t).Connections[0]
	if c.ToServer.Unseen != 5 || c.ToServer.Bytes != 19 || c.ToServer.Reordering.Packets != 1 {
		t.Errorf("%+v", c.ToServer)
	}
}

// TestFirstFragments: what the rest of a segment was is not claimed.
func TestFirstFragments(t *testing.T) {
	s := open(wire.V1, false)
	s.data(0, 0, 1, 0, "hello ")
	s.data(1, 0, 1, 6, "world")
	s.finish([2]uint64{11, 0})
	for i := range s.packets {
		var segment trace.Segment
		if err := segment.Decode(&s.packets[i]); err != nil {
			t.Fatal(err)
		}
		if segment.PayloadLen == 5 {
			data := s.packets[i].Data
			data[20] |= 0x20 // more fragments
			data[17] -= 3
			s.packets[i].Data = data[:len(data)-3]
			rest := append([]byte{}, data[:34]...)
			rest[20], rest[21], rest[16], rest[17] = 0, 7, 0, 23
			s.packets = append(s.packets, trace.Packet{Time: s.packets[i].Time, Interface: 1, Length: 37, Data: append(rest, "rld"...)})
		}
	}
	r := s.report(t)
	if r.Packets.Fragment != 1 || r.Packets.NotTCP != 0 {
		t.Errorf("%+v", r.Packets)
	}
	for _, check := range r.Connections[0].Checks {
		if check.Name == "mapping_to_server" && (check.Status != trace.Unknown || !strings.Contains(check.Detail, "1 segment went on in other fragments")) {
			t.Errorf("%+v", check)
		}
	}
}

// TestCounts: why packets were not read.
func TestCounts(t *testing.T) {
	s := open(wire.V1, false)
	one := s.packets[0].Data
	tag := append(append([]byte{}, one[:12]...), 0x81, 0, 0, 1)
	deep := append([]byte{}, one[:12]...)
	for range 10 {
		deep = append(deep, tag[12:]...)
	}
	a := trace.New(redBlue)
	for _, p := range []trace.Packet{
		{Data: append(deep, one[12:]...)}, {Data: one[:20]}, {Data: one, Link: 99},
		{Data: append(append([]byte{}, one[:12]...), 8, 6, 0, 0)},
	} {
		a.Add(&p)
	}
	if got, want := a.Report().Packets, (trace.PacketCounts{Total: 4, TooDeep: 1, Cut: 1, Link: 1, NotTCP: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// tcp is the handshake of a plain connection on red.
func (s *session) tcp(options []byte) {
	s.iface = 0
	s.send(s.red[0], s.red[1], s.redISN[0], 0, trace.SYN, options, nil)
	s.send(s.red[1], s.red[0], s.redISN[1], s.redISN[0]+1, trace.SYN|trace.ACK, options, nil)
	s.send(s.red[0], s.red[1], s.redISN[0]+1, s.redISN[1]+1, trace.ACK, nil, nil)
}

// bytes sends payload of plain TCP from the client, and acknowledges it.
func (s *session) bytes(at uint32, payload string) {
	s.send(s.red[0], s.red[1], s.redISN[0]+at, s.redISN[1]+1, trace.ACK|trace.PSH, nil, []byte(payload))
	s.next[0][0] = max(s.next[0][0], at+uint32(len(payload)))
	s.send(s.red[1], s.red[0], s.redISN[1]+1, s.redISN[0]+s.next[0][0], trace.ACK, nil, nil)
}

// TestTCP: plain connections are followed on request, also from their middle on.
func TestTCP(t *testing.T) {
	s := newSession(wire.V1, false)
	s.tcp([]byte{2, 4, 5, 180})
	start := len(s.packets)
	s.bytes(1, "hello ")
	s.bytes(1, "hello ")
	s.bytes(10, "behind")
	s.bytes(7, "wor")
	s.close(0)
	if r := analyze(s.packets); len(r.Connections) != 0 || r.Packets.NotMPTCP != uint64(len(s.packets)) {
		t.Errorf("%+v", r)
	}
	for _, o := range []trace.Options{{TCP: true}, {TCP: true, Midway: true}} {
		r := follow(o, s.packets)
		if len(r.Connections) != 1 || r.Packets.NotMPTCP != uint64(len(s.packets)) || r.Packets.Stray != 0 || r.Verdict.Connections != 0 {
			t.Fatalf("%+v", r)
		}
		c := &r.Connections[0]
		if c.Multipath || c.Version != nil || len(c.Checks) != 0 || c.Conclusion.Kind != trace.KindTCP || len(c.Subflows) != 1 || c.Inferred != "" {
			t.Errorf("%+v", c)
		}
		flow := &c.Subflows[0]
		if flow.Outcome != trace.OutcomeTCP || flow.Ended != trace.EndFIN || len(flow.Checks) != 0 || flow.Path != "red" {
			t.Errorf("%+v", flow)
		}
		if c.ToServer.Bytes != 15 || !c.ToServer.Ended || c.ToServer.Sent != 21 || flow.ToServer.Retransmitted != 6 || flow.ToServer.RTT.Samples == 0 ||
			c.ToServer.Reordering.Packets != 1 {
			t.Errorf("%+v, %+v", c.ToServer, flow.ToServer)
		}
	}
	r := follow(trace.Options{TCP: true, Midway: true}, s.packets[start:])
	if len(r.Connections) != 1 {
		t.Fatalf("%+v", r)
	}
	if c := &r.Connections[0]; c.Multipath || c.Inferred != trace.InferredOne || c.ToServer.Bytes != 15 || c.Subflows[0].Client != s.red[0] {
		t.Errorf("%+v", c)
	}
	if r := follow(trace.Options{TCP: true}, s.packets[start:]); len(r.Connections) != 0 {
		t.Errorf("%+v", r)
	}
}

// TestTCPThatIsMPTCP: a flow whose first packets have no option turns out to be MPTCP.
func TestTCPThatIsMPTCP(t *testing.T) {
	s := open(wire.V1, false)
	start := len(s.packets)
	s.bytes(1, "hello ")
	s.both(0, 0, 7, 6, 0, "world")
	r := follow(trace.Options{TCP: true, Midway: true}, s.packets[start:])
	if len(r.Connections) != 1 || !r.Connections[0].Multipath || r.Connections[0].ToServer.Bytes != 5 {
		t.Errorf("%+v", r.Connections)
	}
}

// TestPlainAnswer: a server that does no MPTCP makes it a fallback, also where plain
// TCP is followed.
func TestPlainAnswer(t *testing.T) {
	s := newSession(wire.V1, false)
	s.send(s.red[0], s.red[1], s.redISN[0], 0, trace.SYN, wire.AppendMPCapable(nil, &wire.MPCapable{Version: wire.V1, Flags: wire.FlagH}), nil)
	s.send(s.red[1], s.red[0], s.redISN[1], s.redISN[0]+1, trace.SYN|trace.ACK, nil, nil)
	s.send(s.red[0], s.red[1], s.redISN[0]+1, s.redISN[1]+1, trace.ACK, nil, nil)
	s.bytes(1, "hello ")
	c := &follow(trace.Options{TCP: true}, s.packets).Connections[0]
	if !c.Multipath || c.Conclusion.Kind != trace.KindFallback || c.Fallback.Cause != trace.CauseSYNACK || c.Subflows[0].ToServer.Payload != 6 ||
		c.Subflows[0].Outcome != trace.OutcomePlain {
		t.Errorf("%+v", c)
	}
	r := &trace.Report{Connections: []trace.Connection{*c}}
	wantFinding(t, r, trace.FoundFallback, "no MP_CAPABLE in the SYN/ACK by the server (packet 2)")
}
