package steering

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"allroads/internal/config"
	"allroads/pathmanager"
)

// given counts the commands of an action, from one of them on.
func (m *model) given(from int, a Action) int {
	return strings.Count(actions(m.commands[from:]), string(a))
}

// TestStuck: a black hole on the path that carries the data. The subflow that is stuck is
// closed within a second, not before another carries the data, and never made a backup; the
// path is tried although no subflow is on it, and used again when it is well.
func TestStuck(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	for name, test := range map[string]struct {
		strategy       config.Strategy
		cap            int
		order          string // of the commands within a second
		holed, healthy string
	}{
		"handover":          {config.Strategy{Kind: config.Handover}, 0, "create destroy create", "10.0.1.2", "10.0.0.2"},
		"backup at once":    {config.Strategy{Kind: config.BackupPath}, 0, "set-priority destroy create", "10.0.1.2", "10.0.0.2 10.0.1.2b"},
		"backup in need":    {config.Strategy{Kind: config.BackupPath, Join: config.WhenNeeded}, 0, "create destroy create", "10.0.1.2", "10.0.0.2 10.0.1.2b"},
		"interactive":       {config.Strategy{Kind: config.Interactive}, 0, "set-priority destroy create", "10.0.1.2", "10.0.0.2 10.0.1.2"},
		"one more subflow":  {config.Strategy{Kind: config.Handover, Subflows: 1}, 0, "create destroy create", "10.0.1.2", "10.0.0.2"},
		"one on each link":  {config.Strategy{Kind: config.Handover}, 1, "create destroy create", "10.0.1.2", "10.0.0.2"},
		"a second at least": {config.Strategy{Kind: config.Handover, Bad: config.Bad{Stall: 50 * time.Millisecond}}, 0, "create destroy create", "10.0.1.2", "10.0.0.2"},
	} {
		t.Run(name, func(t *testing.T) {
			eth, wlan := as(config.Use, 0, test.cap, eth), as(config.Use, 0, test.cap, wlan)
			m, c := begin(t, test.strategy, eth, wlan)
			m.run(time.Minute + 70*time.Millisecond)
			from := len(m.commands)
			m.hole(eth, true)
			m.run(time.Second)
			m.expect(t, c, test.holed)
			if got := actions(m.commands[from:]); got != test.order {
				t.Errorf("%q, not %q", got, test.order)
			}
			m.run(time.Hour)
			if n := m.given(from, Create); n < 100 || n > 400 {
				t.Errorf("the path was tried %d times in an hour", n)
			}
			m.hole(eth, false)
			m.run(30 * time.Second)
			if got := c.carriers(); strings.ReplaceAll(got, "b", "") != strings.ReplaceAll(test.healthy, "b", "") {
				t.Errorf("%q, not %q", got, test.healthy)
			}
		})
	}
}

// TestNarrow: handshakes get through, and data does not. The path is not taken back again and
// again: each time it has to be good for longer, and is tried later.
func TestNarrow(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	for _, test := range []struct {
		kind config.StrategyKind
		both bool
		most int // commands in an hour
	}{
		{config.Handover, false, 300},
		{config.BackupPath, false, 300},
		{config.Interactive, false, 300},
		{config.Handover, true, 1500},
		{config.BackupPath, true, 1500},
	} {
		t.Run(fmt.Sprint(test.kind, test.both), func(t *testing.T) {
			m, c := begin(t, config.Strategy{Kind: test.kind}, eth, wlan)
			m.run(time.Minute)
			m.road(eth.Addr, pathmanagerServer).narrow = true
			m.road(wlan.Addr, pathmanagerServer).narrow = test.both
			from, used := len(m.commands), 0
			for range 3600 {
				m.run(time.Second)
				if got := c.carriers(); strings.Contains(got, "10.0.1.2") && !strings.Contains(got, "10.0.1.2b") {
					used++
				}
			}
			if n := len(m.commands) - from; n > test.most {
				t.Errorf("%d commands in an hour", n)
			}
			if used < 3500 && !test.both {
				t.Errorf("the path that is well carried data for %d s of an hour", used)
			}
			m.road(eth.Addr, pathmanagerServer).narrow = false
			m.road(wlan.Addr, pathmanagerServer).narrow = false
			m.run(3 * time.Minute)
			if got := c.carriers(); test.kind != config.Interactive && !strings.HasPrefix(got, "10.0.0.2") || test.kind != config.Interactive && strings.HasPrefix(got, "10.0.0.2b") {
				t.Errorf("when all is well: %q", got)
			}
		})
	}
}

// TestKept: what tells of a hole is not always enough to close a subflow.
func TestKept(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	run := func(name string, strategy config.Strategy, locals []Local, fn func(*testing.T, *model, *modelConnection)) {
		t.Run(name, func(t *testing.T) {
			m, c := begin(t, strategy, locals...)
			m.run(10 * time.Second)
			fn(t, m, c)
		})
	}
	both, handover := []Local{eth, wlan}, config.Strategy{Kind: config.Handover}
	run("the only path", handover, both[:1], func(t *testing.T, m *model, c *modelConnection) {
		m.hole(eth, true)
		m.run(time.Hour)
		m.expect(t, c, "10.0.0.2")
	})
	run("all paths", config.Strategy{Kind: config.BackupPath}, both, func(t *testing.T, m *model, _ *modelConnection) {
		m.hole(eth, true)
		m.hole(wlan, true)
		m.run(time.Hour)
		closed := 0
		for _, c := range m.commands {
			closed += strings.Count(c.Why, "what hangs in it")
		}
		if closed > 1 {
			t.Errorf("%d stuck subflows closed, of two", closed)
		}
	})
	run("a handshake that takes long", handover, both, func(t *testing.T, m *model, _ *modelConnection) {
		m.download = true
		m.run(10 * time.Second)
		from := len(m.commands)
		m.hole(eth, true)
		m.run(1200 * time.Millisecond)
		m.hole(eth, false)
		if m.given(from, SetPriority) == 0 || m.given(from, Destroy) != 0 {
			t.Errorf("on suspicion: %v", m.commands[from:])
		}
	})
	run("a path that was tried in vain", handover, both, func(t *testing.T, m *model, c *modelConnection) {
		m.download = true
		m.run(10 * time.Second)
		m.hole(eth, true)
		m.run(30 * time.Second)
		m.expect(t, c, "10.0.1.2")
	})
	run("one that cannot be made again", handover, both, func(t *testing.T, m *model, c *modelConnection) {
		e := between(pathmanager.Established, c.local, c.remote)
		e.Token, e.Flags = c.token, new(uint16(pathmanager.DenyJoinID0))
		m.tell(Event{e})
		m.announce(c, "203.0.113.8:443", 1)
		m.run(time.Second)
		m.hole(eth, true)
		m.run(20 * time.Second)
		if !strings.Contains(c.carriers(), "10.0.0.2b") || !strings.Contains(c.carriers(), "10.0.1.2>203.0.113.8") {
			t.Errorf("%q", c.carriers())
		}
	})
}

// TestGone: where the kernel does not know the subflow any more, the path is tried as well.
func TestGone(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	m, c := begin(t, config.Strategy{Kind: config.BackupPath}, eth, wlan)
	m.run(10*time.Second + 70*time.Millisecond)
	m.doneDelay = func() time.Duration { return 3 * time.Millisecond }
	m.hole(eth, true)
	for m.given(0, Destroy) == 0 {
		m.run(time.Millisecond)
		if got := c.carriers(); got == "10.0.0.2 10.0.1.2" {
			m.loss = true // Now it ends by itself, and nobody tells.
			m.drop(c, c.subflows[0], 0)
			m.loss = false
		}
	}
	m.run(time.Second)
	if log := strings.Join(m.log, "\n"); m.given(0, Create) != 2 || !strings.Contains(log, "done destroy no such process") {
		t.Errorf("%v", m.commands)
	}
	m.hole(eth, false)
	m.run(30 * time.Second)
	m.expect(t, c, "10.0.0.2 10.0.1.2b")
}

// TestAfterRest: what is sent into a hole when nothing was for a while is noticed by the time
// that the documentation names.
func TestAfterRest(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	for rest, bound := range map[time.Duration]time.Duration{
		time.Second: time.Second, 10 * time.Second: 1700 * time.Millisecond, 31 * time.Second: 2 * time.Second,
		2 * time.Minute: 5 * time.Second, time.Hour: 11 * time.Second,
	} {
		t.Run(rest.String(), func(t *testing.T) {
			for shift := range 10 {
				m, c := begin(t, config.Strategy{Kind: config.Handover}, eth, wlan)
				m.run(time.Minute)
				m.quiet = true
				m.run(rest + time.Duration(shift)*130*time.Millisecond)
				m.hole(eth, true)
				m.run(100 * time.Millisecond)
				m.quiet = false
				m.run(bound)
				m.expect(t, c, "10.0.1.2")
			}
		})
	}
}

// TestTogether: many connections at rest are measured at the same times.
func TestTogether(t *testing.T) {
	m, _ := begin(t, config.Strategy{Kind: config.Handover}, use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2))
	m.quiet = true
	for i := range pathmanager.Token(100) {
		m.connect(2+i, "10.0.0.2:1000", server, 0)
		m.run(70 * time.Millisecond)
	}
	m.run(10 * time.Minute)
	m.quiet, m.times = false, 0
	m.only = 1
	m.run(time.Minute)
	if m.times > 120 {
		t.Errorf("others than the one that is busy were measured %d times in a minute", m.times)
	}
}
