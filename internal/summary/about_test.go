package summary_test

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"allroads/internal/summary"
	"allroads/trace"
)

func lineOf(t *testing.T, label string, about summary.About, r *trace.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := summary.New(summary.Options{}).Write(&out, about, r); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if text, found := strings.CutPrefix(line, label); found {
			return strings.TrimSpace(text)
		}
	}
	return ""
}

// TestLost: how many packets a capture lost is known when all its interfaces say so.
func TestLost(t *testing.T) {
	knows, silent := trace.Interface{Name: "a", Drops: 2, DropsKnown: true}, trace.Interface{Name: "b"}
	for _, test := range []struct {
		interfaces []trace.Interface
		dropped    uint64
		want       string
	}{
		{nil, 0, "?"},
		{[]trace.Interface{silent}, 0, "?"},
		{[]trace.Interface{knows}, 0, "2"},
		{[]trace.Interface{knows, knows}, 4, "4"},
		{[]trace.Interface{knows, silent}, 0, "2 or more"},
	} {
		about := summary.About{Interfaces: test.interfaces}
		got := lineOf(t, "Packets", about, &trace.Report{Dropped: test.dropped, Packets: trace.PacketCounts{Total: 9}})
		if want := "9; lost: " + test.want; got != want {
			t.Errorf("%+v: %q, want %q", test, got, want)
		}
	}
}

// TestNotRead: what could not be read is told, each kind, and nothing where there is
// none.
func TestNotRead(t *testing.T) {
	all := trace.PacketCounts{Total: 99, NotTCP: 1, Fragment: 2, TooDeep: 3, Link: 4, Cut: 5, NoPath: 6, NotMPTCP: 7, Stray: 8, Copies: 9, Evicted: 10}
	report := &trace.Report{Packets: all}
	for label, want := range map[string]string{
		"Packets": "99 in 1.50 s from 1970-01-01 00:00:01 UTC; lost: ?; 7 of TCP without MPTCP, 1 not of TCP, 9 seen before at another place, " +
			"11 without a time, 12 with a time before that of an earlier one",
		"Not read": "5 captured too short, 2 later fragments, 3 with too many headers around TCP, 4 of an unknown link type, " +
			"6 from an unknown interface, 10 first packets without an answer, given up for newer ones",
		"Odd": "8 packets of no connection here: of a handshake, or late",
	} {
		about := summary.About{Start: 1e9, End: 2.5e9, Untimed: 11, OutOfOrder: 12}
		if got := lineOf(t, label, about, report); got != want {
			t.Errorf("%s: %q, want %q", label, got, want)
		}
	}
	for _, label := range []string{"Not read", "Odd", "PARTIAL"} {
		if got := lineOf(t, label, summary.About{}, &trace.Report{}); got != "" {
			t.Errorf("%s: %q without a reason", label, got)
		}
	}
}

// TestOrphans: joins to connections that are not in the capture are told of.
func TestOrphans(t *testing.T) {
	orphan := trace.Orphan{Token: 0xabc, Opener: netip.MustParseAddrPort("10.0.0.1:1"), Other: netip.MustParseAddrPort("10.0.0.2:2")}
	got := lineOf(t, "Odd", summary.About{}, &trace.Report{OrphanJoins: 5, Orphans: []trace.Orphan{orphan}})
	if want := "5 MP_JOINs with a token of no connection here: token 0x00000abc from 10.0.0.1:1 to 10.0.0.2:2, and others"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestGrouped: many notes of a kind are told once, few are told all.
func TestGrouped(t *testing.T) {
	for n, want := range map[int]int{3: 3, 9: 1} {
		s := summary.New(summary.Options{Max: 1})
		for i := range n {
			c := good()
			c.Conclusion.Handover = nil
			c.ID = i + 1
			fallbackFound(c)
			s.Add(c)
		}
		text := pageOf(t, s, summary.About{})
		if got := strings.Count(text, "fell back to TCP: data without a mapping was taken (packet 7)"); got != want {
			t.Errorf("%d of %d are told:\n%s", got, n, text)
		}
		if strings.Contains(text, "; and 8 more like it\n") != (want == 1) {
			t.Error(text)
		}
	}
}
