package summary_test

import (
	"net/netip"
	"strings"
	"testing"

	"allroads/internal/summary"
	"allroads/trace"
	"allroads/wire"
)

// good is a connection over two paths, of which nothing is to be said.
func good() *trace.Connection {
	version, yes := wire.V1, true
	c := &trace.Connection{
		ID: 1, Version: &version, Multipath: true, Establishment: 2e6, SecondSubflow: 5e6,
		Verdict:  trace.ConnectionVerdict{Proven: true},
		ToServer: trace.Stream{Bytes: 3_000_000, First: 1, Last: 2e9, Goodput: 12e6},
		ToClient: trace.Stream{Bytes: 1_000_000, First: 1, Last: 2e9, Goodput: 4e6},
		Checks:   []trace.Check{{Name: "keys", Status: trace.OK}},
	}
	c.ToServer.Stall.Duration, c.ToClient.Reordering.Buffer = 40e6, 70_000
	for i, ends := range [][2]string{{"10.1.0.2:1000", "10.1.0.1:80"}, {"10.2.0.2:1001", "10.1.0.1:80"}} {
		f := trace.Subflow{
			ID: i + 1, Path: []string{"red", "blue"}[i], Initial: i == 0, OpenedBy: "client",
			Client: netip.MustParseAddrPort(ends[0]), Server: netip.MustParseAddrPort(ends[1]),
			Outcome: trace.OutcomeEstablished, Established: true, Verified: &yes, SYNs: 1, Ended: trace.EndFIN,
		}
		f.ToServer = trace.Carried{Bytes: []uint64{2_250_000, 750_000}[i], Payload: 2_000_000, Acknowledged: 1_500_000,
			Segments: 1000, Resent: uint64(10 * i), Retransmitted: uint64(40_000 * i), Reinjected: uint64(120_000 * i),
			RTT: trace.RTT{Samples: 9, Average: int64(i+1) * 20e6}}
		f.ToClient = trace.Carried{Bytes: []uint64{750_000, 250_000}[i], Acknowledged: 1, Segments: 1000}
		c.Subflows = append(c.Subflows, f)
	}
	c.Conclusion = trace.Conclusion{Kind: trace.KindMultipath, Paths: 2,
		ToServer: trace.Aggregation{Goodput: 12e6, Best: 8e6, Subflow: 1},
		Handover: &trace.Handover{Duration: 450e6, Before: 1, After: 2, To: "server", Because: "silent"}}
	return c
}

func and(change func(*trace.Connection)) *trace.Connection {
	c := good()
	c.ID = 2
	change(c)
	return c
}

func fellBack(c *trace.Connection) { c.Fallback = &trace.Fallback{Cause: trace.CauseNoDSS} }
func midway(c *trace.Connection)   { c.Inferred = trace.InferredToken }
func second(change func(*trace.Subflow)) func(*trace.Connection) {
	return func(c *trace.Connection) { change(&c.Subflows[1]) }
}

func refusal(f *trace.Subflow) {
	f.Established, f.Outcome, f.ResetBy = false, trace.OutcomeRefused, "server"
	f.ToServer, f.ToClient = trace.Carried{}, trace.Carried{}
}

// lateRefusal is what Linux does when its limit is reached.
func lateRefusal(f *trace.Subflow) {
	refusal(f)
	f.Established, f.Outcome, f.Ended = true, trace.OutcomeEstablished, trace.EndReset
}

func unused(f *trace.Subflow) { f.ToServer, f.ToClient = trace.Carried{}, trace.Carried{} }

// TestSubjects holds each subject against connections for which it is met, is not, and
// is not known.
func TestSubjects(t *testing.T) {
	one := []*trace.Connection{good()}
	with := func(change func(*trace.Connection)) []*trace.Connection {
		return []*trace.Connection{good(), and(change)}
	}
	tested := map[string][3]bool{}
	for _, test := range []struct {
		text  string
		of    []*trace.Connection
		state string // met, missed or unknown
		got   string
	}{
		{"connections == 2", with(fellBack), "met", "2"},
		{"connections == 0", nil, "met", "0"},
		{"connections >= 2", one, "missed", "1"},
		{"fallbacks == 0", one, "met", "0"},
		{"no-fallback", with(fellBack), "missed", "1"},
		{"no-fallback", nil, "unknown", "unknown: no MPTCP connection was seen"},
		{"no-fallback", with(midway), "unknown", "unknown: 0 or more"},
		{"proven", one, "met", "yes"},
		{"proven", with(func(c *trace.Connection) { c.Verdict.Proven = false }), "missed", "no in connection 2"},
		{"verified", one, "met", "yes"},
		{"verified", with(second(func(f *trace.Subflow) { f.Verified = new(bool) })), "missed", "no in connection 2"},
		{"verified", with(second(func(f *trace.Subflow) { f.Verified = nil })), "unknown",
			"unknown: the packets do not tell of each subflow whose it is in connection 2"},
		{"version == 1", one, "met", "1"},
		{"version == 0", one, "missed", "1 in connection 1"},
		{"version == 1", with(func(c *trace.Connection) { c.Version = nil }), "unknown",
			"unknown: the packets do not tell the version in connection 2"},
		{"subflows>=2", one, "met", "2"},
		{"subflows >= 2", with(second(refusal)), "missed", "1 in connection 2"},
		{"subflows >= 2", with(midway), "met", "2"},
		{"subflows == 2", with(midway), "unknown", "unknown: 2 or more in connection 2"},
		{"subflows < 2", with(midway), "missed", "2 in connection 1 and 1 more"},
		{"paths >= 2", one, "met", "2"},
		{"paths >= 2", with(second(unused)), "missed", "1 in connection 2"},
		{"paths >= 2", with(func(c *trace.Connection) { c.Inferred = trace.InferredNarrow }), "unknown",
			"unknown: that its subflows are of one connection is a weak inference in connection 2"},
		{"failed-joins == 0", one, "met", "0"},
		{"failed-joins == 0", with(second(refusal)), "missed", "1"},
		{"failed-joins < 5", with(func(c *trace.Connection) { c.Futile = 9 }), "missed", "9"},
		{"refused-joins == 0", one, "met", "0"},
		{"refused-joins == 0", with(second(lateRefusal)), "missed", "1"},
		{"refused-joins == 0", with(func(c *trace.Connection) { c.Futile = 9 }), "unknown", "unknown: 0 or more"},
		{"idle-subflows == 0", with(second(lateRefusal)), "met", "0"},
		{"idle-subflows == 0", with(second(unused)), "missed", "1"},
		{"idle-subflows == 0", with(midway), "unknown", "unknown: its start was not captured in connection 2"},
		{"share blue > 20%", one, "met", "25.0 %"},
		{"share(10.1.0.2) > 80%", one, "missed", "75.0 %"},
		{"share 10.2.0.2-10.1.0.1 == 25%", one, "met", "25.0 %"},
		{"share 10.1.0.2-10.2.0.2 == 25%", one, "unknown", "unknown: no subflow has this path or address"},
		{"bytes >= 4MB", one, "met", "4.0 MB"},
		{"bytes red < 3MB", one, "missed", "3.0 MB"},
		{"bytes green == 0", one, "unknown", "unknown: no subflow has this path or address"},
		{"to-server == 3000000", one, "met", "3.0 MB"},
		{"to-server > 10MB", one, "missed", "3.0 MB"},
		{"to-client == 1MB", one, "met", "1.0 MB"},
		{"to-client > 1GB", one, "missed", "1.0 MB"},
		{"goodput > 10Mbit/s", one, "met", "12.0 Mbit/s"},
		{"goodput to-client >= 10mbit", one, "missed", "4.0 Mbit/s in connection 1"},
		{"goodput > 1kbit/s", with(func(c *trace.Connection) { c.ToServer.Goodput = 0 }), "unknown",
			"unknown: there is no time to divide data by in connection 2"},
		{"aggregation >= 150%", one, "met", "150 %"},
		{"aggregation > 150%", one, "missed", "150 % in connection 1"},
		{"aggregation > 1%", with(func(c *trace.Connection) { c.Conclusion.ToServer.Best = 0 }), "unknown",
			"unknown: there is no goodput of a subflow to compare with in connection 2"},
		{"reinjected < 5%", one, "met", "3.00 %"},
		{"reinjected < 3%", one, "missed", "3.00 % in connection 1"},
		{"reinjected < 5%", with(func(c *trace.Connection) { c.Subflows = nil }), "met", "3.00 %"},
		{"retransmitted <= 1%", one, "met", "1.00 %"},
		{"retransmitted blue <= 1%", one, "missed", "2.00 % in connection 1"},
		{"retransmitted < 1%", []*trace.Connection{and(func(c *trace.Connection) { unused(&c.Subflows[0]); unused(&c.Subflows[1]) })},
			"unknown", "unknown: no data was seen in connection 2"},
		{"loss <= 0.25%", one, "met", "0.25 %"},
		{"loss blue < 0.5%", one, "missed", "0.50 % in connection 1"},
		{"loss 10.9.9.9 < 1%", one, "unknown", "unknown: no subflow has this path or address"},
		{"rtt < 50ms", one, "met", "40.0 ms"},
		{"rtt red < 20ms", one, "missed", "20.0 ms in connection 1"},
		{"rtt 10.9.9.9 < 1s", one, "unknown", "unknown: no round trip of data was seen there"},
		{"stall < 50ms", one, "met", "40.0 ms"},
		{"stall < 0.04s", one, "missed", "40.0 ms in connection 1"},
		{"stall < 50ms", with(func(c *trace.Connection) { c.ToServer.First, c.ToClient.First = 0, 0 }), "unknown",
			"unknown: no data was seen in connection 2"},
		{"handovers == 1", one, "met", "1"},
		{"handovers == 1", with(func(*trace.Connection) {}), "missed", "2"},
		{"handover < 500ms", with(func(c *trace.Connection) { c.Conclusion.Handover = nil }), "met", "450 ms"},
		{"handover < 400ms", one, "missed", "450 ms in connection 1"},
		{"handover < 1s", []*trace.Connection{and(func(c *trace.Connection) { c.Conclusion.Handover = nil })}, "unknown",
			"unknown: no handover was seen"},
		{"establishment < 3ms", one, "met", "2.00 ms"},
		{"establishment < 1ms", one, "missed", "2.00 ms in connection 1"},
		{"establishment < 1s", with(func(c *trace.Connection) { c.Establishment = 0 }), "unknown",
			"unknown: its handshake was not seen, or not completed in connection 2"},
		{"second-subflow < 6ms", with(func(c *trace.Connection) { c.SecondSubflow = 4e6 }), "met", "4.00 ms to 5.00 ms"},
		{"second-subflow < 5ms", one, "missed", "5.00 ms in connection 1"},
		{"second-subflow < 5s", with(func(c *trace.Connection) { c.SecondSubflow = 0 }), "unknown",
			"unknown: no other subflow was seen to be established in connection 2"},
		{"buffer <= 70kB", one, "met", "70.0 kB"},
		{"buffer < 64kB", one, "missed", "70.0 kB in connection 1"},
		{"buffer < 64kB", with(func(c *trace.Connection) { c.ToServer.First, c.ToClient.First = 0, 0 }), "missed", "70.0 kB in connection 1"},
		{"resets == 0", one, "met", "0"},
		{"resets == 0", with(second(func(f *trace.Subflow) { f.Ended = trace.EndReset })), "missed", "1"},
		{"aborted == 0", one, "met", "0"},
		{"aborted == 0", with(func(c *trace.Connection) { c.Aborted = "MP_FASTCLOSE" }), "missed", "1"},
		{"no-middlebox", one, "met", "0"},
		{"no-middlebox", with(func(c *trace.Connection) {
			c.Conclusion.Findings = []trace.Finding{{Code: trace.SignPayload}}
		}), "missed", "1"},
		{"bad-checks == 0", one, "met", "0"},
		{"bad-checks == 0", with(func(c *trace.Connection) { c.Checks[0].Status = trace.Bad }), "missed", "1"},
		{"unknown-checks == 0", one, "met", "0"},
		{"unknown-checks == 0", with(func(c *trace.Connection) { c.Checks[0].Status = trace.Unknown }), "missed", "1"},
	} {
		outcome := judge(t, test.text, test.of, &trace.Report{})
		if got := stateOf(outcome); got != test.state || outcome.Got != test.got {
			t.Errorf("%s is %s (%s), want %s (%s)", test.text, got, outcome.Got, test.state, test.got)
		}
		subject := strings.Fields(outcome.Text)[0]
		seen := tested[subject]
		seen[0], seen[1] = seen[0] || test.state == "met", seen[1] || test.state == "missed"
		tested[subject] = seen
	}
	for _, s := range summary.Subjects() {
		if seen := tested[s.Name]; !seen[0] || !seen[1] {
			t.Errorf("%s is not tested both met and not met", s.Name)
		}
	}
}

func judge(t *testing.T, text string, of []*trace.Connection, r *trace.Report) summary.Outcome {
	t.Helper()
	e, err := summary.ParseExpectation(text)
	if err != nil {
		t.Fatal(err)
	}
	all := summary.Expectations{List: []summary.Expectation{e}}
	for _, c := range of {
		all.Add(c)
	}
	all.Add(&trace.Connection{ID: 99}) // plain TCP
	return all.Result(r)[0]
}

func stateOf(o summary.Outcome) string {
	switch {
	case o.Met && o.Unknown:
		return "both"
	case o.Met:
		return "met"
	case o.Unknown:
		return "unknown"
	}
	return "missed"
}

// TestDoubt: when packets are missing, what was counted may be more, and what was
// measured is not known.
func TestDoubt(t *testing.T) {
	lossy := map[string]*trace.Report{
		"the capture lost 3 packets":                             {Dropped: 3},
		"too little was captured of 1 packet":                    {Packets: trace.PacketCounts{Cut: 1}},
		"2 unanswered flows beyond what can be followed at once": {Packets: trace.PacketCounts{Evicted: 2}},
		"4 packets could not be read":                            {Packets: trace.PacketCounts{Fragment: 1, TooDeep: 1, Link: 2}},
	}
	for why, report := range lossy {
		for text, want := range map[string]string{
			"subflows >= 2": "met", "subflows > 2": "unknown", "subflows < 2": "missed", "subflows < 3": "unknown",
			"subflows == 2": "unknown", "subflows != 2": "unknown", "subflows == 1": "missed", "subflows != 1": "met",
			"subflows <= 1": "missed", "connections == 0": "missed", "bytes > 1MB": "met", "bytes > 1GB": "unknown",
			"no-fallback": "unknown", "proven": "unknown", "stall < 1s": "unknown", "share red > 1%": "unknown",
			"idle-subflows == 0": "unknown", "handover > 1ms": "unknown",
		} {
			outcome := judge(t, text, []*trace.Connection{good()}, report)
			if got := stateOf(outcome); got != want || got == "unknown" && !strings.HasSuffix(outcome.Got, ", and "+why) {
				t.Errorf("%s is %s (%s) though %s, want %s", text, got, outcome.Got, why, want)
			}
		}
	}
	e, _ := summary.ParseExpectation("no-fallback")
	all := summary.Expectations{List: []summary.Expectation{e}}
	all.Add(good())
	all.Doubt("the file is damaged")
	if got := all.Result(&trace.Report{})[0]; !got.Unknown || got.Got != "unknown: 0 or more, and the file is damaged" {
		t.Errorf("%+v", got)
	}
}
