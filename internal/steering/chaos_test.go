package steering

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/config"

	"pgregory.net/rapid"
)

func use(addr, name string, link int, id uint8) Local {
	return Local{
		Addr: netip.MustParseAddr(addr), Link: link, Interface: name, ID: id, Rule: "test",
		Settings: config.InterfaceSettings{Role: config.Use},
	}
}

// hostLocals are two interfaces with two addresses, and one with one.
func hostLocals() []Local {
	return []Local{
		use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2), use("10.0.1.3", "wlan0", 2, 3), use("10.0.2.2", "wwan0", 3, 4),
	}
}

const server = "203.0.113.7:443"

var pathmanagerServer = netip.MustParseAddrPort(server).Addr()

// drawStrategy is any of them.
func drawStrategy(t *rapid.T) config.Strategy {
	return config.Strategy{
		Kind: rapid.SampledFrom([]config.StrategyKind{
			config.Fullmesh, config.SinglePerInterface, config.NDiffPorts, config.BackupPath, config.Handover, config.Interactive,
			config.Aggregate, config.NoPaths,
		}).Draw(t, "strategy"),
		N:        rapid.IntRange(0, 4).Draw(t, "n"),
		Subflows: rapid.SampledFrom([]int{0, 1, 2, 5}).Draw(t, "bound"),
		Join:     rapid.SampledFrom([]config.Join{"", config.WhenNeeded}).Draw(t, "join"),
	}
}

// TestChaos: whatever happens in whatever order, what always has to hold does (see
// model.do), and when faults end each connection gets what its strategy wants, by
// a number of commands that what happened and the time that went by explain.
func TestChaos(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		strategy := drawStrategy(t)
		m := newModel(nil, &config.Config{Strategy: strategy})
		m.fail = func(format string, args ...any) {
			t.Fatalf(format+"\n%s", append(args, strings.Join(m.log, "\n"))...)
		}
		delay := rapid.SampledFrom([]time.Duration{0, 3 * time.Millisecond, 30 * time.Millisecond})
		m.doneDelay = func() time.Duration { return delay.Draw(t, "answer") }
		m.eventDelay = func() time.Duration { return delay.Draw(t, "event") }
		locals := hostLocals()
		for i := range locals {
			locals[i].Settings.Cap = rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "cap")
			locals[i].Settings.Role = rapid.SampledFrom([]config.Role{config.Use, config.Use, config.Backup, config.Laminar}).Draw(t, "role")
			locals[i].Settings.Cost = rapid.IntRange(0, 2).Draw(t, "cost")
		}
		locals[0].Settings.Role = config.Use
		locals[2].Settings.Cap = locals[1].Settings.Cap
		m.setLocals(locals...)
		m.chaos(t, locals)
		m.settle(t, locals)
	})
}

var announcable = []string{"203.0.113.8:443", "203.0.113.9:8443", "203.0.113.7:443"}

func (m *model) chaos(t *rapid.T, locals []Local) {
	next := uint32(1)
	for range rapid.IntRange(5, 40).Draw(t, "steps") {
		tokens := slices.Sorted(maps.Keys(m.connections))
		var c *modelConnection
		if len(tokens) > 0 {
			c = m.connections[rapid.SampledFrom(tokens).Draw(t, "connection")]
		}
		what := rapid.IntRange(0, 11).Draw(t, "what")
		switch {
		case c == nil || c.gone || what == 0:
			if len(tokens) < 3 {
				token := m.connect(pathmanagerToken(next), fmt.Sprintf("10.0.0.2:%d", 1000+next), server, uint16(rapid.SampledFrom([]int{0, 0, 1}).Draw(t, "flags")))
				_ = token
				next++
			}
		case what == 1:
			m.disconnect(c)
		case what == 2:
			if len(c.subflows) > 0 {
				s := rapid.SampledFrom(c.subflows).Draw(t, "subflow")
				m.drop(c, s, rapid.SampledFrom([]syscall.Errno{0, syscall.ETIMEDOUT, syscall.ECONNRESET}).Draw(t, "errno"))
			}
		case what == 3:
			kept := slices.DeleteFunc(slices.Clone(locals), func(Local) bool { return rapid.IntRange(0, 3).Draw(t, "keep") == 0 })
			m.setLocals(kept...)
		case what == 4:
			m.setLocals(locals...)
		case what == 5:
			m.announce(c, rapid.SampledFrom(announcable).Draw(t, "announced"), uint8(rapid.IntRange(1, 3).Draw(t, "id")))
		case what == 6:
			if len(c.peer) > 0 {
				addrs := slices.SortedFunc(maps.Keys(c.peer), netip.AddrPort.Compare)
				m.withdraw(c, rapid.SampledFrom(addrs).Draw(t, "withdrawn").String())
			}
		case what <= 8:
			road := m.road(rapid.SampledFrom(locals).Draw(t, "local").Addr, netip.MustParseAddrPort(rapid.SampledFrom(announcable).Draw(t, "remote")).Addr())
			road.hole = rapid.Bool().Draw(t, "hole")
			road.since = m.now
			road.noRoute = rapid.IntRange(0, 4).Draw(t, "no route") == 0
			road.refused = rapid.SampledFrom([]syscall.Errno{0, 0, syscall.ECONNREFUSED}).Draw(t, "refused")
			road.rtt = rapid.SampledFrom([]time.Duration{5, 20, 200}).Draw(t, "rtt") * time.Millisecond
		case what == 9:
			m.loss = true
			m.run(rapid.SampledFrom([]time.Duration{0, 100, 5000}).Draw(t, "deaf") * time.Millisecond)
			m.loss = false
			m.settleEvents()
			m.resync()
		case what == 10:
			m.settleEvents()
			m.resync()
		case what == 11:
			m.tell(Configured{m.s.config})
		}
		m.run(rapid.SampledFrom([]time.Duration{0, 1, 40, 700, 11_000, 60_000}).Draw(t, "time") * time.Millisecond)
	}
}

// settleEvents lets what was heard be dealt with.
func (m *model) settleEvents() { m.run(100 * time.Millisecond) }

// settle ends all faults, waits, and compares.
func (m *model) settle(t *rapid.T, locals []Local) {
	for _, road := range m.roads {
		*road = condition{rtt: 20 * time.Millisecond, sent: 1000}
	}
	m.setLocals(locals...)
	m.settleEvents()
	m.resync()
	began, before := m.now, len(m.commands)
	m.run(40 * time.Minute)
	for _, c := range m.connections {
		if !c.gone {
			m.compare(c, locals)
		}
	}
	if n := len(m.commands) - before; n > 60+60*len(m.connections) {
		m.fail("%d commands in %s without faults", n, m.now.Sub(began))
	}
	quiet := len(m.commands)
	m.run(5 * time.Minute)
	if len(m.commands) != quiet {
		m.fail("%d commands when all was settled", len(m.commands)-quiet)
	}
	for _, c := range m.connections {
		if !c.gone {
			m.disconnect(c)
		}
	}
	m.settleEvents()
	m.settleEvents()
	if _, due := m.s.Wake(); due || len(m.s.connections) != 0 || len(m.s.timers.heap) != 0 || len(m.s.watched.connections) != 0 {
		m.fail("something is left when all connections are gone")
	}
}
