package bothends_test

import (
	"strings"
	"testing"
	"time"

	"allroads/internal/bothends"
	"allroads/trace"
)

// paths is two paths with more to say about each.
func paths(red, blue string) string {
	return strings.NewReplacer(" RED", red, " BLUE", blue).Replace(twoPaths)
}

// near allows for a busy machine, but no packet is faster than its link.
func near(t *testing.T, what string, got, want time.Duration) {
	t.Helper()
	if got < want-200*time.Microsecond || got > want+6*time.Millisecond {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestDelay has links of known delays: the sum of both directions is known whatever
// the clocks are, and the true offset of a clock is within the bounds.
func TestDelay(t *testing.T) {
	t.Parallel()
	network := build(t, paths("", ""))
	files := both(t, network, func() { exchange(t, network, "10.0.1.2:4321", random(400_000)) })
	client, server := load(t, files[0]), load(t, files[1])
	clocks := []func(int64) int64{
		func(at int64) int64 { return at },
		func(at int64) int64 { return at - 1_700_000_000 },
		func(at int64) int64 { return at + 3600*1_000_000_000 },
	}
	for _, clock := range clocks {
		checkDelays(t, compareLists(t, client, retimed(server, clock)), clock)
	}
	r := compareLists(t, retimed(client, clocks[1]), server)
	checkDelays(t, r, func(at int64) int64 { return at + 1_700_000_000 })
	swapped := compareLists(t, server, client)
	if !swapped.Swapped || len(swapped.Notes) == 0 || !strings.Contains(swapped.Notes[0], "wrong order") {
		t.Errorf("%+v", swapped.Notes)
	}
	checkDelays(t, swapped, clocks[0])
}

func checkDelays(t *testing.T, r *bothends.Result, clock func(int64) int64) {
	t.Helper()
	if len(r.Subflows) != 2 || len(r.Unmatched) > 0 || r.Verdict != "nothing between the ends changed anything" {
		t.Fatalf("%+v", r)
	}
	for i := range r.Subflows {
		s := &r.Subflows[i]
		if s.Connection != 1 || s.Token == "" || s.Join != (i == 1) || !s.Directed || s.ToServer.Delay == nil || s.ToClient.Delay == nil {
			t.Fatalf("%+v", s)
		}
		want := [2]time.Duration{40 * time.Millisecond, 20 * time.Millisecond}[i]
		near(t, "there and back", time.Duration(s.ToServer.Delay.Min+s.ToClient.Delay.Min), want)
		for _, w := range []bothends.Way{s.ToServer, s.ToClient} {
			if w.Lost.Packets+w.Extra.Packets+w.Outside+w.Duplicated+w.Reordered > 0 || w.Sent != w.Arrived || w.Sent.Packets < 30 {
				t.Errorf("%+v", w)
			}
			if q := w.Delay; q.Min > q.Median || q.Median > q.P95 || q.P95 > q.P99 || q.P99 > q.Max || w.Queueing.Max != q.Max-q.Min {
				t.Errorf("%+v", q)
			}
			if w.Compared == 0 && i == 0 {
				t.Error("no payload was compared")
			}
		}
	}
	c := r.Clock
	truth := clock(c.At) - c.At
	if !c.Known || truth < c.Low || truth > c.High || c.Offset < c.Low || c.Offset > c.High {
		t.Errorf("offset %d, between %d and %d; want %d", c.Offset, c.Low, c.High, truth)
	}
	// The bounds are the fastest path's: 5 and 15 ms.
	near(t, "bound", time.Duration(c.High-c.Low), 20*time.Millisecond)
	if r.Swapped {
		return
	}
	near(t, "bound above", time.Duration(c.High-truth), 5*time.Millisecond)
	near(t, "bound below", time.Duration(truth-c.Low), 15*time.Millisecond)
}

// TestPartsOfCaptures: packets before the other capture began, or after it ended, are
// not lost.
func TestPartsOfCaptures(t *testing.T) {
	t.Parallel()
	network := build(t, paths("", ""))
	files := both(t, network, func() { exchange(t, network, "10.0.1.2:4321", random(400_000)) })
	client, server := load(t, files[0]), load(t, files[1])
	none := func(name string, a, b []trace.Packet, subflows int) {
		r := compareLists(t, a, b)
		if len(r.Subflows) == 0 || len(r.Subflows) > subflows { // half of a capture may have one only
			t.Errorf("%s: %d subflows of %d", name, len(r.Subflows), subflows)
		}
		for i := range r.Subflows {
			s := &r.Subflows[i]
			for _, w := range []bothends.Way{s.ToServer, s.ToClient} {
				if w.Lost.Packets+w.Extra.Packets+w.Duplicated > 0 {
					t.Errorf("%s: %+v", name, w)
				}
			}
			if len(s.Changes) > 0 {
				t.Errorf("%s: %+v", name, s.Changes)
			}
		}
	}
	n, m := len(client), len(server)
	none("start at the server", client, server[m/2:], 2)
	none("start at the client", client[n/2:], server, 2)
	none("end at the server", client, server[:m/2], 2)
	none("end at the client", client[:n/2], server, 2)
	none("start at the client, end at the server", client[n/3:], server[:m*2/3], 2)
}
