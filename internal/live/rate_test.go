package live

import (
	"testing"

	"allroads/sockdiag"
)

type state = []*sockdiag.Connection

// near compares a rate or share; -1 is none.
func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	switch {
	case got == nil && want != -1:
		t.Errorf("%s is not known, want %v", what, want)
	case got != nil && (*got < want*0.9-0.001 || *got > want*1.001+0.001): // A second and a little more.
		t.Errorf("%s is %v, want %v", what, *got, want)
	}
}

func TestRates(t *testing.T) {
	s := looks(t,
		state{made(1, counts{1000, 100}, counts{3000, 0})},
		state{made(1, counts{2000, 100}, counts{3000, 3000})},
	)
	first, second := s[0].Connections[0], s[1].Connections[0]
	near(t, "first rate", first.Sent, -1)
	near(t, "first rate of a path", first.Paths[0].Sent, -1)
	near(t, "first share now", first.Paths[0].ShareNow, -1)
	near(t, "first share", first.Paths[1].Share, 3000.0/4100)
	if s[0].Since != 0 || s[1].Since.Seconds() < 1 {
		t.Errorf("looks are %v and %v after others", s[0].Since, s[1].Since)
	}
	near(t, "sent", second.Sent, 1000)
	near(t, "received", second.Received, 3000)
	near(t, "sent over the first", second.Paths[0].Sent, 1000)
	near(t, "received over the first", second.Paths[0].Received, 0)
	near(t, "received over the second", second.Paths[1].Received, 3000)
	near(t, "share", second.Paths[1].Share, 6000.0/8100)
	near(t, "share now", second.Paths[1].ShareNow, 0.75)
	near(t, "share now of the first", second.Paths[0].ShareNow, 0.25)
}

// TestRatesOfNew: a connection that was not there has no rates; a subflow that
// comes later has carried all since.
func TestRatesOfNew(t *testing.T) {
	s := looks(t,
		state{made(1, counts{1000, 0})},
		state{made(1, counts{1000, 0}, counts{500, 0}), made(2, counts{7, 0})},
		state{},
		state{made(1, counts{1000, 0})},
	)
	near(t, "rate of a new subflow", s[1].Connections[0].Paths[1].Sent, 500)
	near(t, "share of a new subflow", s[1].Connections[0].Paths[1].ShareNow, 1)
	near(t, "rate of a new connection", s[1].Connections[1].Sent, -1)
	near(t, "rate of one that was not there before", s[3].Connections[0].Sent, -1)
}

// TestRatesGoBack: counters that went back are those of another.
func TestRatesGoBack(t *testing.T) {
	s := looks(t,
		state{made(1, counts{1000, 50}, counts{900, 0})},
		state{made(1, counts{1100, 50}, counts{890, 0})},
		state{made(1, counts{10, 0}, counts{5, 0})},
	)
	near(t, "rate of a subflow whose counters went back", s[1].Connections[0].Paths[1].Sent, 890)
	near(t, "rate of a connection whose counters went back", s[2].Connections[0].Sent, -1)
	near(t, "rate of its subflow", s[2].Connections[0].Paths[0].Sent, -1)
}

// TestRatesUntold: without MPTCP's counters paths have rates, the whole has none;
// after a fallback it has those of its subflow.
func TestRatesUntold(t *testing.T) {
	old := func(n uint64) *sockdiag.Connection {
		c := made(1, counts{n, 0})
		c.Info.Traffic = nil
		return c
	}
	s := looks(t, state{old(100)}, state{old(300)})
	near(t, "rate of a connection on an old kernel", s[1].Connections[0].Sent, -1)
	near(t, "rate of its path", s[1].Connections[0].Paths[0].Sent, 200)
	near(t, "share of its path", s[1].Connections[0].Paths[0].Share, 1)
	fallen := func(n uint64) *sockdiag.Connection {
		c := made(1, counts{n, 0})
		c.Info.Traffic.BytesAcked, c.Info.Fallback = 7, true
		return c
	}
	s = looks(t, state{fallen(100)}, state{fallen(300)})
	near(t, "rate after a fallback", s[1].Connections[0].Sent, 200)
}

// TestShares: what arrived over subflows that are gone, an acknowledged SYN, none.
func TestShares(t *testing.T) {
	gone := made(1, counts{1000, 0})
	gone.Info.Traffic.BytesAcked = 4000
	syn := made(2, counts{0, 0})
	syn.Subflows[0].TCP.BytesAcked = 1
	s := looks(t, state{gone, syn})
	near(t, "share beside one that is gone", s[0].Connections[0].Paths[0].Share, 0.25)
	near(t, "share of nothing", s[0].Connections[1].Paths[0].Share, -1)
}

// TestCounts: states of subflows, and the limit.
func TestCounts(t *testing.T) {
	c := Connection{Connection: *made(1, counts{}, counts{}, counts{}, counts{}, counts{})}
	c.Subflows[1].State, c.Subflows[2].State, c.Subflows[3].State = 2, 3, 4
	if e, p, closing := c.Established(), c.Pending(), c.Closing(); e != 2 || p != 2 || closing != 1 {
		t.Errorf("%d established, %d pending, %d closing", e, p, closing)
	}
	if _, known := c.Limit(); known {
		t.Error("a limit where the kernel told none")
	}
	c.Info.Limits.AddAddrAccepted = 1
	if n, known := c.Limit(); !known || n != 1 {
		t.Errorf("limit %d, %v", n, known)
	}
}
