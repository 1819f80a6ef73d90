package summary_test

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"allroads/internal/summary"
	"allroads/trace"
)

// kinds are connections of which one after the other is added.
func kinds() []*trace.Connection {
	return []*trace.Connection{
		good(), and(fellBack), and(second(refusal)), and(second(lateRefusal)), and(second(unused)), and(midway),
		and(func(c *trace.Connection) {
			c.Checks = []trace.Check{{Name: "keys", Status: trace.Bad, Detail: "they differ"}, {Name: "idsn_to_server", Status: trace.Unknown}}
		}),
		and(func(c *trace.Connection) {
			c.Conclusion.Findings = []trace.Finding{{Code: trace.SignOptions, Subflow: 1, By: "server"}}
		}),
	}
}

// fallbackFound completes what a fallback looks like.
func fallbackFound(c *trace.Connection) {
	fellBack(c)
	c.Conclusion.Kind = trace.KindFallback
	c.Conclusion.Findings = []trace.Finding{{Code: trace.FoundFallback, Detail: string(trace.CauseNoDSS), Packet: 7}}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestBounded: 100,000 connections, each with other addresses and texts, leave nothing
// behind but the page.
func TestBounded(t *testing.T) {
	all := kinds()
	s := summary.New(summary.Options{Width: 80, Max: 5})
	w := summary.NewCSV(io.Discard)
	var expected summary.Expectations
	for _, text := range []string{"subflows >= 2", "no-fallback", "share blue > 1%", "rtt < 1ns"} {
		e, err := summary.ParseExpectation(text)
		if err != nil {
			t.Fatal(err)
		}
		expected.List = append(expected.List, e)
	}
	add := func(i int) {
		c := all[i%len(all)]
		c.ID = i + 1
		c.ToServer.Bytes = uint64(i)
		c.Subflows[0].Client = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 1)
		c.Subflows[0].Path = fmt.Sprint("interface ", i)
		s.Add(c)
		expected.Add(c)
		if i%20 == 0 { // it is the same for each
			if err := w.Add(c); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 1000 {
		add(i)
	}
	before := heap()
	for i := 1000; i < 100_000; i++ {
		add(i)
	}
	if grown := int64(heap()) - int64(before); grown > 64<<10 {
		t.Errorf("%d bytes more after 99,000 connections more", grown)
	}
	text := pageOf(t, s, summary.About{})
	if lines := strings.Count(text, "\n"); lines > 24+5*4 { // those of a connection and its two subflows
		t.Errorf("the page has %d lines:\n%s", lines, text)
	}
	if !strings.Contains(text, "The 5 most telling of 100000:") || !strings.Contains(text, "Connections  100000 MPTCP connections") {
		t.Error(text)
	}
	narrow(t, text, 80)
	runtime.KeepAlive(all)
	if got := expected.Result(&trace.Report{}); got[0].Met || !strings.HasSuffix(got[0].Got, " more") || got[1].Got != "12500 or more" || got[1].Unknown || !got[2].Met {
		t.Errorf("%+v", got)
	}
}

func pageOf(t *testing.T, s *summary.Summary, about summary.About) string {
	t.Helper()
	var out bytes.Buffer
	if err := s.Write(&out, about, &trace.Report{Verdict: trace.Verdict{Proven: true}}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestAddAllocates little: of a connection that is not listed and not odd, nothing.
func TestAddAllocates(t *testing.T) {
	s := summary.New(summary.Options{Max: 2})
	c := good()
	c.Conclusion.Handover = nil
	for range 10 {
		s.Add(c)
	}
	if n := testing.AllocsPerRun(100, func() { s.Add(c) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestMostTelling: odd connections are listed before others, in the order of what is
// odd, then those with the most bytes.
func TestMostTelling(t *testing.T) {
	changes := []func(*trace.Connection){
		func(c *trace.Connection) {
			c.Multipath, c.ToServer.Bytes, c.Conclusion.Kind = false, 99e9, trace.KindTCP
		},
		func(*trace.Connection) {},
		func(c *trace.Connection) { c.ToServer.Bytes = 9e9 },
		func(c *trace.Connection) { c.Checks[0].Status = trace.Unknown },
		func(c *trace.Connection) { c.Checks[0].Status = trace.Bad },
		func(c *trace.Connection) {
			c.Conclusion.Findings = []trace.Finding{{Code: trace.SignSequence, Subflow: 1}}
		},
		second(unused),
		second(refusal),
		fallbackFound,
	}
	s := summary.New(summary.Options{Max: len(changes) - 1})
	for i, change := range changes {
		c := good()
		c.Conclusion.Handover = nil
		c.ID = i + 1
		change(c)
		s.Add(c)
	}
	var order []string
	for line := range strings.Lines(pageOf(t, s, summary.About{})) {
		if words := strings.Fields(line); len(words) > 2 && words[1] == "?" {
			order = append(order, words[0])
		}
	}
	if got := strings.Join(order, " "); got != "9 8 7 6 5 4 3 2" {
		t.Errorf("connections are listed in the order %s", got)
	}
}

// TestLongAddresses: the longest addresses keep to 80 columns.
func TestLongAddresses(t *testing.T) {
	c := good()
	for i := range c.Subflows {
		c.Subflows[i].Client = netip.MustParseAddrPort("[2001:db8:1234:5678:9abc:def0:1234:5678]:61000")
		c.Subflows[i].Server = netip.MustParseAddrPort("[2001:db8:8765:4321:fedc:ba98:7654:3210]:54321")
	}
	s := summary.New(summary.Options{Width: 80, Unicode: true})
	s.Add(c)
	text := pageOf(t, s, summary.About{Files: []string{"a\x1b[31m.pcap"}, Partial: "b.pcap is cut short"})
	narrow(t, text, 80)
	for _, want := range []string{"]:61000\n", "→ [2001:db8:8765:4321:fedc:ba98:7654:3210]:54321", "a?[31m.pcap",
		"PARTIAL      b.pcap is cut short", "NOT PROVEN: the result is of a part of the capture only"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestPlainTCP: of plain TCP nothing is said that only MPTCP has.
func TestPlainTCP(t *testing.T) {
	c := good()
	c.Multipath, c.Version, c.Conclusion = false, nil, trace.Conclusion{Kind: trace.KindTCP}
	c.Subflows = c.Subflows[:1]
	c.Subflows[0].Established, c.Subflows[0].Outcome, c.Subflows[0].Verified = false, trace.OutcomeTCP, nil
	var out bytes.Buffer
	s := summary.New(summary.Options{})
	s.Add(c)
	if err := summary.Connection(&out, c, summary.Options{}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, wrong := range []string{"token", "key ", "verdict", "fallback", "verified", "backup"} {
		if strings.Contains(text, wrong) {
			t.Errorf("%q in\n%s", wrong, text)
		}
	}
	if page := pageOf(t, s, summary.About{}); !strings.Contains(page, "0 MPTCP connections; 1 plain TCP connection") ||
		!strings.Contains(page, "1  -      10.1.0.2:1000 -> 10.1.0.1:80  tcp") {
		t.Error(page)
	}
}
