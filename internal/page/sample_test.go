package page_test

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"allroads/internal/page"
	"allroads/trace"
	"allroads/wire"
)

// began is when the sample connection was opened.
const began = 1_700_000_000_000_000_000

// ms is a time of it.
func ms(n int64) int64 { return began + n*1e6 }

// sample is a connection of a second over two paths, of which the first dies: 3 MB
// to the server, a little to the client.
func sample() trace.Connection {
	version, yes := wire.V1, true
	c := trace.Connection{
		ID: 1, Version: &version, Multipath: true, Opened: began, Last: ms(1000), ChartWidth: 50e6,
		Establishment: 10e6, SecondSubflow: 40e6,
		Tokens: trace.Tokens{Client: trace.KnownToken{Token: 0x300c0e15, Known: true}, Server: trace.KnownToken{Token: 0x2a24f11f, Known: true}},
		Keys:   []trace.Key{{Side: "client", Key: 1, Token: 0x300c0e15, IDSN: 5}},
		Conclusion: trace.Conclusion{
			Kind: trace.KindMultipath, Paths: 2,
			Handover: &trace.Handover{At: ms(400), Duration: 250e6, To: "server", Before: 1, After: 2, Because: "silent"},
		},
		Events: []trace.Event{
			{Time: began, Packet: 1, Subflow: 1, By: "client", Kind: trace.EventOpened},
			{Time: ms(10), Packet: 3, Subflow: 1, By: "client", Kind: trace.EventEstablished},
			{Time: ms(20), Packet: 7, Subflow: 2, By: "client", Kind: trace.EventOpened},
			{Time: ms(40), Packet: 9, Subflow: 2, By: "client", Kind: trace.EventEstablished},
			{Time: ms(700), Packet: 90, Subflow: 2, By: "server", Kind: trace.EventReset, Detail: "reset without a reason"},
		},
		Checks: []trace.Check{{Name: "keys", Status: trace.OK, Detail: "same everywhere"}, {Name: "data", Status: trace.Bad, Detail: "MP_FAIL"}},
		Subflows: []trace.Subflow{
			{ID: 1, Path: "wifi", OpenedBy: "client", Initial: true, Established: true, Outcome: trace.OutcomeEstablished, Verified: &yes, SYNs: 1,
				Client: netip.MustParseAddrPort("10.1.0.2:61000"), Server: netip.MustParseAddrPort("10.1.0.1:4321"), Establishment: 10e6},
			{ID: 2, Path: "lte", OpenedBy: "client", Established: true, Outcome: trace.OutcomeEstablished, Ended: trace.EndReset, ResetBy: "server", SYNs: 2,
				Client: netip.MustParseAddrPort("10.2.0.2:38805"), Server: netip.MustParseAddrPort("10.1.0.1:4321"), Establishment: 20e6},
		},
	}
	c.ToServer = trace.Stream{Bytes: 2_600_000, Sent: 2_700_000, First: ms(20), Last: ms(1000), Goodput: 20e6, Ended: true}
	c.ToClient = trace.Stream{Bytes: 2_000, Sent: 2_000, First: ms(20), Last: ms(30), Ended: true}
	wifi, lte := &c.Subflows[0], &c.Subflows[1]
	wifi.ToServer = trace.Carried{Bytes: 800_000, Payload: 800_000, Segments: 500, RTT: trace.RTT{Samples: 8, Min: 9e6, Max: 14e6, Average: 11e6, Handshake: 9e6}}
	lte.ToServer = trace.Carried{Bytes: 1_800_000, Payload: 1_900_000, Reinjected: 100_000, Segments: 1300, Resent: 3, RTT: trace.RTT{Samples: 9, Min: 40e6, Max: 60e6, Average: 50e6, Handshake: 18e6}}
	wifi.ToClient = trace.Carried{Bytes: 2_000, Payload: 2_000, Segments: 2}
	for i := range 8 {
		at := uint64(i) * 100_000
		wifi.ToServer.Chart = append(wifi.ToServer.Chart, trace.Bucket{Bytes: 100_000, Low: at, High: at + 100_000, RTT: 9e6 + int64(i)*5e5})
	}
	lte.ToServer.Chart = make([]trace.Bucket, 20)
	for i := 13; i < 20; i++ {
		at := uint64(i-13)*257_142 + 800_000
		lte.ToServer.Chart[i] = trace.Bucket{Bytes: 257_142, Low: at, High: at + 257_142}
	}
	lte.ToServer.Chart[13].Repeated, lte.ToServer.Chart[13].Low = 100_000, 700_000
	lte.ToServer.Chart[15].RTT, lte.ToServer.Chart[16].RTT, lte.ToServer.Chart[3].RTT = 40e6, 60e6, 45e6
	wifi.ToClient.Chart = []trace.Bucket{{Bytes: 2_000, High: 2_000}}
	return c
}

// reported is a page with some connections.
func reported(connections ...trace.Connection) *page.Page {
	return &page.Page{
		Title: "Handover", Files: []string{"phone.pcapng"}, Summary: "1 connection\n", Connections: connections,
		Generated: time.Unix(1_700_000_100, 0),
		Report: &trace.Report{Packets: trace.PacketCounts{Total: 2000, NotTCP: 3}, Verdict: trace.Verdict{
			Connections: len(connections), Subflows: 2 * len(connections), Paths: 2,
			Reasons: []string{"one", "two", "three", "four", "five"},
		}},
	}
}

// captured is a page of a capture of two real hosts with two paths.
func captured(t testing.TB) *page.Page {
	t.Helper()
	file, err := trace.Open("../../trace/testdata/two-paths.pcapng.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	report, err := file.Analyze(context.Background(), trace.Options{Chart: 400}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Connections) == 0 {
		t.Fatal("the capture has no connection")
	}
	return &page.Page{Report: report, Connections: report.Connections, Files: []string{"two-paths.pcapng.gz"}}
}

// written is the page in HTML.
func written(t testing.TB, p *page.Page) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := page.Write(&out, p); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// many are connections that differ in their numbers, ports and amounts.
func many(n int) (list []trace.Connection) {
	for i := range n {
		c := sample()
		c.ID = i + 1
		c.ToServer.Bytes = uint64(i*7919%n) * 1000
		for f := range c.Subflows {
			c.Subflows[f].Client = netip.AddrPortFrom(c.Subflows[f].Client.Addr(), uint16(10_000+i))
		}
		c.Tokens.Server.Token = wire.Token(i)
		c.Subflows[1].ToServer.Chart = long(c.Subflows[1].ToServer.Chart)
		list = append(list, c)
	}
	return list
}

// hostile is what a name in a capture may be.
const hostile = `</script><img src=x onerror="window.pwned=1">'"><svg onload=pwned=1>&amp;` + "\x00\x1b[31m\u202e"

// poisoned has hostile text wherever a capture or a user can put some.
func poisoned() *page.Page {
	c := sample()
	for i := range c.Subflows {
		c.Subflows[i].Path = hostile
		c.Subflows[i].Reset, c.Subflows[i].ResetBy = hostile, hostile
		c.Subflows[i].Outcome, c.Subflows[i].OpenedBy = trace.Outcome(hostile), hostile
	}
	for i := range c.Events {
		c.Events[i].Detail, c.Events[i].By = hostile, hostile
	}
	c.Events = append(c.Events, trace.Event{Time: ms(800), Subflow: 1, Kind: trace.EventKind(hostile), By: hostile, Detail: hostile})
	c.Checks = []trace.Check{{Name: hostile, Status: trace.Bad, Detail: hostile}, {Name: "x", Status: trace.Status(hostile), Detail: hostile}}
	c.Conclusion.Kind = trace.Kind(hostile)
	c.Conclusion.Findings = []trace.Finding{{Code: trace.FoundRefused, By: hostile, Detail: hostile, Text: hostile, Subflow: 2}, {Code: trace.Code(hostile)}}
	c.Conclusion.Handover.Because, c.Aborted, c.Inferred = hostile, hostile, trace.Inference(hostile)
	c.Verdict.Reasons = []string{hostile}
	other := sample()
	other.ID = 2
	p := reported(c, other)
	p.Title, p.Files, p.Summary = hostile, []string{hostile}, hostile
	p.Report.Verdict.Reasons = []string{hostile}
	return p
}

// forms are connections whose graphs have little or much to draw.
func forms() map[string]trace.Connection {
	empty := sample()
	empty.Subflows, empty.Events, empty.ChartWidth = nil, nil, 0
	empty.ToServer, empty.ToClient = trace.Stream{}, trace.Stream{}

	single := sample()
	single.ChartWidth = 1e6
	single.Subflows = single.Subflows[:1]
	single.Subflows[0].ToServer.Chart = []trace.Bucket{{Bytes: 1, High: 1, RTT: 1}}
	single.Subflows[0].ToClient.Chart = nil

	week := sample()
	week.ChartWidth = 7 * 24 * 3600e9 / 20

	crowd := sample()
	for i := range 62 {
		flow := crowd.Subflows[i%2]
		flow.ID = i + 3
		crowd.Subflows = append(crowd.Subflows, flow)
	}

	huge := sample()
	for i := range huge.Subflows[0].ToServer.Chart {
		huge.Subflows[0].ToServer.Chart[i] = trace.Bucket{Bytes: 1 << 62, Repeated: 1 << 62, Low: 1 << 62, High: 1<<63 + 5, RTT: 1 << 60}
	}

	fallback := sample()
	fallback.Fallback = &trace.Fallback{Cause: trace.CauseNoDSS, By: "server", Packet: 5, Time: ms(20)}
	fallback.Conclusion = trace.Conclusion{Kind: trace.KindFallback}
	for i := range fallback.Subflows {
		fallback.Subflows[i].ToServer.Chart = []trace.Bucket{{RTT: 5}, {}}
		fallback.Subflows[i].ToClient.Chart = nil
	}

	plain := sample()
	plain.Multipath, plain.Version, plain.Conclusion = false, nil, trace.Conclusion{Kind: trace.KindTCP}
	return map[string]trace.Connection{
		"usual": sample(), "empty": empty, "single": single, "week": week, "crowd": crowd, "huge": huge,
		"fallback": fallback, "plain": plain,
	}
}

func eachForm(t *testing.T, test func(t *testing.T, c *trace.Connection)) {
	for name, c := range forms() {
		t.Run(fmt.Sprint(name), func(t *testing.T) { test(t, &c) })
	}
}

// long is a chart of 200 buckets with the data of a shorter one, over and over.
func long(chart []trace.Bucket) (out []trace.Bucket) {
	for i := range 200 {
		b := chart[13+i%7]
		b.Low, b.High, b.RTT = uint64(i)*257_142, uint64(i+1)*257_142, 40e6+int64(i*i%17)*1e6
		out = append(out, b)
	}
	return out
}
