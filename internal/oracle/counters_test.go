package oracle_test

import (
	"net/netip"
	"testing"

	"allroads/trace"
)

// counted is a counter of the kernel, and what the capture at the same host says that
// it should be.
type counted struct {
	name string
	of   func(r *trace.Report, side int) uint64
}

// only are counters of one side: connections are opened by the client, and so are all
// subflows here.
var only = [2][]counted{
	client: {
		{"MPTcpExtMPCapableSYNTX", connections(func(*trace.Connection) bool { return true })},
		{"MPTcpExtMPCapableSYNACKRX", connections(func(c *trace.Connection) bool { return len(c.Keys) > 0 })},
		{"MPTcpExtMPCapableFallbackSYNACK", connections(fellBy(trace.CauseSYNACK))},
		{"MPTcpExtMPCapableSYNTXDrop", connections(fellBy(trace.CauseSYN))},
		{"MPTcpExtMPJoinSynTx", joinsThat(func(*trace.Subflow) bool { return true })},
		{"MPTcpExtMPJoinSynAckRx", joinsThat(func(s *trace.Subflow) bool { return s.Established })},
		{"MPTcpExtMPJoinSynAckHMacFailure", none},
	},
	server: {
		{"MPTcpExtMPCapableSYNRX", connections(func(*trace.Connection) bool { return true })},
		{"MPTcpExtMPCapableFallbackACK", connections(fellBy(trace.CauseThirdACK))},
		{"MPTcpExtMPCapableACKRX", connections(func(c *trace.Connection) bool { return c.Subflows[0].Established })},
		{"MPTcpExtMPJoinSynRx", joinsThat(func(*trace.Subflow) bool { return true })},
		{"MPTcpExtMPJoinSynBackupRx", joinsThat(func(s *trace.Subflow) bool { return s.Backup })},
		{"MPTcpExtMPJoinAckHMacFailure", none},
		{"MPTcpExtDataCsumErr", findings(trace.SignPayload)},
	},
}

// both are counters of each side.
var both = []counted{
	{"MPTcpExtAddAddrTx", sent(trace.EventAddAddr)},
	{"MPTcpExtAddAddr", got(trace.EventAddAddr)},
	{"MPTcpExtEchoAddTx", sent(trace.EventEcho)},
	{"MPTcpExtEchoAdd", got(trace.EventEcho)},
	{"MPTcpExtRmAddrTx", sent(trace.EventRemoveAddr)},
	{"MPTcpExtRmAddr", got(trace.EventRemoveAddr)},
	{"MPTcpExtMPPrioTx", sent(trace.EventPriority)},
	{"MPTcpExtMPPrioRx", got(trace.EventPriority)},
	{"MPTcpExtMPFailTx", sent(trace.EventFail)},
	{"MPTcpExtMPFailRx", got(trace.EventFail)},
	{"MPTcpExtMPFastcloseTx", sent(trace.EventFastClose)},
	{"MPTcpExtMPFastcloseRx", got(trace.EventFastClose)},
	{"MPTcpExtDSSNotMatching", none},
	{"MPTcpExtDSSCorruptionFallback", none},
	{"MPTcpExtDSSCorruptionReset", none},
	{"MPTcpExtAddAddrTxDrop", none},
	{"MPTcpExtRmAddrDrop", none},
	{"TcpRetransSegs", retransmitted},
}

func none(*trace.Report, int) uint64 { return 0 }

func connections(which func(*trace.Connection) bool) func(*trace.Report, int) uint64 {
	return func(r *trace.Report, _ int) (n uint64) {
		for i := range r.Connections {
			if which(&r.Connections[i]) {
				n++
			}
		}
		return n
	}
}

func fellBy(cause trace.Cause) func(*trace.Connection) bool {
	return func(c *trace.Connection) bool { return c.Fallback != nil && c.Fallback.Cause == cause }
}

// joinsThat counts subflows besides the initial ones.
func joinsThat(are func(*trace.Subflow) bool) func(*trace.Report, int) uint64 {
	return func(r *trace.Report, _ int) (n uint64) {
		eachSubflow(r, func(s *trace.Subflow) {
			if !s.Initial && are(s) {
				n++
			}
		})
		return n
	}
}

func eachSubflow(r *trace.Report, do func(*trace.Subflow)) {
	for i := range r.Connections {
		for j := range r.Connections[i].Subflows {
			do(&r.Connections[i].Subflows[j])
		}
	}
}

func sent(kind trace.EventKind) func(*trace.Report, int) uint64 {
	return func(r *trace.Report, side int) uint64 { return events(r, kind, hosts[side]) }
}

func got(kind trace.EventKind) func(*trace.Report, int) uint64 {
	return func(r *trace.Report, side int) uint64 { return events(r, kind, hosts[1-side]) }
}

func events(r *trace.Report, kind trace.EventKind, by string) (n uint64) {
	for i := range r.Connections {
		for _, e := range r.Connections[i].Events {
			if e.Kind == kind && e.By == by {
				n++
			}
		}
	}
	return n
}

func findings(code trace.Code) func(*trace.Report, int) uint64 {
	return func(r *trace.Report, _ int) (n uint64) {
		for i := range r.Connections {
			for _, f := range r.Connections[i].Conclusion.Findings {
				if f.Code == code {
					n++
				}
			}
		}
		return n
	}
}

// retransmitted counts segments with payload, and SYNs of the client.
func retransmitted(r *trace.Report, side int) (n uint64) {
	eachSubflow(r, func(s *trace.Subflow) {
		if side == server {
			n += s.ToClient.Resent
			return
		}
		n += s.ToServer.Resent + s.SYNs - 1
	})
	return n
}

// bareAgain counts SYN/ACKs and FINs without payload that a side sent again: the kernel
// counts them, and the report does not tell. The server is who sends from its port, or
// from that of an endpoint.
func bareAgain(packets []trace.Packet, side int) (n uint64) {
	type sent struct {
		src, dst netip.AddrPort
		seq      uint32
		flags    trace.TCPFlags
	}
	seen := map[sent]bool{}
	for i := range packets {
		var s trace.Segment
		if s.Decode(&packets[i]) != nil || s.PayloadLen > 0 {
			continue
		}
		flags := s.Flags & (trace.SYN | trace.FIN)
		if fromServer := s.Src.Port() < 10_000; flags == 0 || s.Flags&trace.ACK == 0 || fromServer != (side == server) {
			continue
		}
		one := sent{s.Src, s.Dst, s.Seq, flags}
		if seen[one] {
			n++
		}
		seen[one] = true
	}
	return n
}

// otherwise are the counters that legitimately differ, by scene, and why.
var otherwise = map[string]map[string]string{
	"fast close": {
		"MPTcpExtMPFastcloseTx": "one is sent on each subflow, and the report tells of the first",
		"MPTcpExtMPFastcloseRx": "the second one is counted if the connection is still there",
	},
	"no MPTCP at the server": {
		"MPTcpExtMPCapableSYNRX": "its kernel does not look at the option",
	},
}

// TestCountersLikeKernel compares the kernels' counters with the captures at their
// hosts.
func TestCountersLikeKernel(t *testing.T) {
	positive := map[string]bool{}
	everyScene(t, func(t *testing.T, r *recording) {
		for side := range hosts {
			for _, c := range append(append([]counted{}, only[side]...), both...) {
				kernel, known := r.counters[side][c.name]
				if !known {
					t.Errorf("%s: the kernel has no counter %s", hosts[side], c.name)
				}
				if kernel > 0 {
					positive[c.name] = true
				}
				seen := c.of(r.reports[side], side)
				if c.name == "TcpRetransSegs" { // FINs may come again when the kernel has been asked.
					seen = max(seen, min(kernel, seen+r.bare[side]))
				}
				if c.name == "TcpRetransSegs" && kernel != seen && countsAgain(t, r.scene, side, &c) {
					continue
				}
				if kernel != seen && otherwise[r.scene.name][c.name] == "" {
					t.Errorf("%s: %s is %d, the packets show %d", hosts[side], c.name, kernel, seen)
				}
			}
		}
	})
	if !t.Failed() && len(positive) < 22 {
		t.Errorf("%d counters were above 0: %v", len(positive), positive)
	}
}

// countsAgain plays a scene anew, up to three times, and reports whether the kernel and
// the packets agree then: on a busy machine the kernel counts what it sends again while
// it is asked, or what never got as far as the capture.
func countsAgain(t *testing.T, s *scene, side int, c *counted) bool {
	t.Helper()
	for range attempts {
		r, err := s.record()
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		kernel, seen := r.counters[side][c.name], c.of(r.reports[side], side)
		if kernel == max(seen, min(kernel, seen+r.bare[side])) {
			return true
		}
	}
	return false
}
