package policy_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"allroads/internal/policy"
	"allroads/pathmanager"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// connections are some under the in-kernel path manager: which has a subflow from which
// endpoint.
type connections struct {
	now      time.Time
	reviver  policy.Reviver
	owned    []pathmanager.Endpoint
	up       map[pathmanager.Token]map[netip.Addr]bool
	possible map[netip.Addr]bool
	cause    policy.Cause
	again    int
	last     map[netip.Addr]time.Time
}

func newConnections(addresses, tokens int) *connections {
	c := &connections{
		now: time.Unix(1e9, 0), up: map[pathmanager.Token]map[netip.Addr]bool{},
		possible: map[netip.Addr]bool{}, last: map[netip.Addr]time.Time{}, cause: policy.Reset,
	}
	for n := range addresses {
		c.owned = append(c.owned, pathmanager.Endpoint{Addr: number(n), ID: uint8(n + 1), Flags: pathmanager.Subflow})
		c.possible[number(n)] = true
	}
	for token := range tokens {
		paths := map[netip.Addr]bool{}
		for n := range addresses {
			paths[number(n)] = true
		}
		c.up[pathmanager.Token(token+1)] = paths
	}
	return c
}

func (c *connections) live() map[netip.Addr]int {
	live := map[netip.Addr]int{}
	for _, paths := range c.up {
		for addr, up := range paths {
			if up {
				live[addr]++
			}
		}
	}
	return live
}

func (c *connections) lose(addr netip.Addr, token pathmanager.Token) {
	c.up[token][addr] = false
	c.reviver.Lost(c.now, addr, token, c.cause)
}

// step does what the Reviver wants, as the kernel does it.
func (c *connections) step(t require) {
	live := c.live()
	for _, e := range c.reviver.Step(c.now, c.owned, live) {
		if live[e.Addr] > 0 {
			t.fatal("made again with live subflows: ", e.Addr)
		}
		if last, done := c.last[e.Addr]; done && c.now.Sub(last) < time.Second {
			t.fatal("made again after ", c.now.Sub(last))
		}
		c.again++
		c.last[e.Addr] = c.now
		for token, paths := range c.up {
			if c.possible[e.Addr] && !paths[e.Addr] {
				paths[e.Addr] = true
				c.reviver.Established(c.now, e.Addr, token)
			} else if !paths[e.Addr] {
				c.reviver.Lost(c.now, e.Addr, token, c.cause)
			}
		}
	}
}

// sleep lets time pass, with nothing happening but what Wake asks for.
func (c *connections) sleep(t require, length time.Duration) (wakes int) {
	end := c.now.Add(length)
	for {
		at, ok := c.reviver.Wake()
		if !ok || at.After(end) {
			c.now = end
			return wakes
		}
		if at.After(c.now) {
			c.now = at
		}
		c.step(t)
		if wakes++; wakes > 10000 {
			t.fatal("it wakes all the time")
		}
	}
}

func whole(t *testing.T) require { return require{t.Fatal} }

func TestReviver(t *testing.T) {
	c, q := newConnections(1, 2), whole(t)
	addr := number(0)
	c.lose(addr, 1)
	c.step(q)
	c.sleep(q, time.Hour)
	if c.again != 0 {
		t.Fatal("made again, though another connection has a subflow from there")
	}
	pending := c.reviver.Pending()
	if len(pending) != 1 || !strings.HasPrefix(pending[0].For, "the end of 1 other subflows") || !pending[0].Next.IsZero() {
		t.Fatalf("pending %+v", pending)
	}
	delete(c.up, 2) // The other one is gone.
	c.reviver.Closed(2)
	c.step(q)
	if c.again != 1 || !c.up[1][addr] || len(c.reviver.Pending()) != 0 {
		t.Fatalf("made again %d times; pending %+v", c.again, c.reviver.Pending())
	}
	if wakes := c.sleep(q, time.Hour); wakes > 1 {
		t.Errorf("%d wake-ups with nothing to do", wakes)
	}
}

// TestReviverBacksOff: what is never possible is tried less and less, and costs few
// wake-ups.
func TestReviverBacksOff(t *testing.T) {
	for cause, most := range map[policy.Cause]int{
		policy.Reset: 60, policy.Unanswered: 60, policy.Refused: 40, policy.Prohibited: 8,
		policy.NoRoute: 0, policy.Middlebox: 0, policy.ProtocolError: 0,
	} {
		c, q := newConnections(1, 1), whole(t)
		c.cause, c.possible[number(0)] = cause, false
		c.lose(number(0), 1)
		c.step(q)
		wakes := c.sleep(q, 3*time.Hour)
		if c.again > most || most > 0 && c.again < 2 || wakes > c.again {
			t.Errorf("%s: tried %d times in 3 h, want at most %d; %d wake-ups", cause, c.again, most, wakes)
		}
		before := c.again
		c.possible[number(0)] = true
		c.now = c.now.Add(time.Minute)
		c.reviver.Changed(c.now)
		c.step(q)
		if final := policy.Final(cause); (c.again > before) == final {
			t.Errorf("%s: when the network changed, it was tried %d times", cause, c.again-before)
		}
	}
}

// TestReviverFlaps: a path that comes up and fails at once is not a new failure each time.
func TestReviverFlaps(t *testing.T) {
	c, q := newConnections(1, 1), whole(t)
	c.lose(number(0), 1)
	for end := c.now.Add(time.Hour); c.now.Before(end); {
		c.step(q)
		if c.up[1][number(0)] {
			c.lose(number(0), 1)
		}
		c.sleep(q, time.Second)
	}
	if c.again > 40 {
		t.Errorf("made again %d times in an hour", c.again)
	}
	c.sleep(q, time.Hour)
	c.lose(number(0), 1) // It has lived for long.
	c.step(q)
	if c.sleep(q, 2*time.Second); !c.up[1][number(0)] {
		t.Error("after an hour, the old failures count")
	}
}

func TestReviverForeign(t *testing.T) {
	c, q := newConnections(1, 1), whole(t)
	c.lose(number(0), 1)
	c.owned[0].Flags = pathmanager.Signal
	c.step(q)
	if c.sleep(q, time.Hour); c.again > 0 {
		t.Error("an endpoint that makes no subflows is made again")
	}
	want := []policy.Revival{{Addr: number(0), Connections: 1, Token: 1, Cause: policy.Reset, For: "an endpoint of allroadsd's at this address", Tries: 1}}
	if diff := cmp.Diff(want, c.reviver.Pending(), equalAddr); diff != "" {
		t.Error(diff)
	}
}

func TestReviverFound(t *testing.T) {
	c, q := newConnections(1, 3), whole(t)
	for token := range pathmanager.Token(3) {
		c.lose(number(0), token+1)
	}
	c.reviver.Found(func(token pathmanager.Token) bool { return token == 2 })
	c.reviver.Step(c.now, c.owned, nil)
	pending := c.reviver.Pending()
	if len(pending) != 1 || pending[0].Connections != 1 || pending[0].Token != 2 || pending[0].For != "the next try" || !pending[0].Next.After(c.now) {
		t.Errorf("pending %+v", pending)
	}
	c.reviver.Found(func(pathmanager.Token) bool { return false })
	if c.step(q); len(c.reviver.Pending()) != 0 || c.sleep(q, time.Hour) != 0 {
		t.Error("with no connection left, something waits")
	}
}

// TestReviverProperty: whatever happens, no live subflow is disturbed and nothing is made
// again twice within a second (step sees to these); and once what is lost is possible,
// it comes back, without anything else happening, as soon as nothing is live from there.
func TestReviverProperty(t *testing.T) {
	causes := []policy.Cause{
		policy.Ended, policy.Unanswered, policy.Refused, policy.Reset, policy.NoResources, policy.Prohibited,
		policy.TooMuchData, policy.BadPerformance, policy.Unreachable, policy.Transient, policy.Short, policy.Unknown,
	}
	rapid.Check(t, func(r *rapid.T) {
		c, q := newConnections(rapid.IntRange(1, 3).Draw(r, "addresses"), rapid.IntRange(1, 4).Draw(r, "connections")), require{r.Fatal}
		token := func(r *rapid.T) pathmanager.Token { return pathmanager.Token(rapid.IntRange(1, 4).Draw(r, "token")) }
		addr := func(r *rapid.T) netip.Addr { return rapid.SampledFrom(c.owned).Draw(r, "endpoint").Addr }
		r.Repeat(map[string]func(*rapid.T){
			"lose": func(r *rapid.T) {
				token, addr := token(r), addr(r)
				if c.cause = rapid.SampledFrom(causes).Draw(r, "cause"); c.up[token][addr] {
					c.lose(addr, token)
				}
				c.step(q)
			},
			"close": func(r *rapid.T) {
				token := token(r)
				delete(c.up, token)
				c.reviver.Closed(token)
				c.step(q)
			},
			"possible": func(r *rapid.T) { c.possible[addr(r)] = rapid.Bool().Draw(r, "is") },
			"changed": func(r *rapid.T) {
				c.reviver.Changed(c.now)
				c.step(q)
			},
			"sleep": func(r *rapid.T) {
				c.sleep(q, time.Duration(rapid.IntRange(0, 1000).Draw(r, "seconds"))*time.Second)
			},
		})
		for addr := range c.possible {
			c.possible[addr] = true
		}
		c.cause = policy.Reset
		c.step(q)
		c.sleep(q, 3*time.Hour) // The longest wait is 2 h, and a quarter.
		live := c.live()
		for token, paths := range c.up {
			for addr, up := range paths {
				if !up && live[addr] == 0 {
					r.Fatalf("connection %d has no subflow from %s: %+v", token, addr, c.reviver.Pending())
				}
			}
		}
		again := c.again
		if wakes := c.sleep(q, 24*time.Hour); wakes > len(c.owned) || c.again != again {
			r.Fatalf("%d wake-ups and %d tries in a day in which nothing happens", wakes, c.again-again)
		}
	})
}
