package steering

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/config"
)

// begin is a model with a connection from 10.0.0.2.
func begin(t *testing.T, strategy config.Strategy, locals ...Local) (*model, *modelConnection) {
	t.Helper()
	m := newModel(t.Fatalf, &config.Config{Strategy: strategy})
	m.setLocals(locals...)
	c := m.connect(1, "10.0.0.2:1000", server, 0)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("\n" + strings.Join(m.log, "\n"))
		}
	})
	return m, c
}

// carriers lists the subflows of a connection that are established: the local address,
// and "b" for backups.
func (c *modelConnection) carriers() string {
	var all []string
	for _, s := range c.subflows {
		if s.established {
			all = append(all, s.local.Addr().String()+map[bool]string{true: "b"}[s.backup]+">"+s.remote.Addr().String())
		}
	}
	slices.Sort(all)
	return strings.ReplaceAll(strings.Join(all, " "), ">203.0.113.7", "")
}

func (m *model) expect(t *testing.T, c *modelConnection, want string) {
	t.Helper()
	if got := c.carriers(); got != want {
		t.Fatalf("at %s: %q, not %q\n%s", m.now.Sub(time.Unix(1_000_000, 0)), got, want, strings.Join(m.log, "\n"))
	}
}

func as(role config.Role, cost, most int, l Local) Local {
	l.Settings.Role, l.Settings.Cost, l.Settings.Cap = role, cost, most
	return l
}

func TestStrategies(t *testing.T) {
	eth, wlan, wlan2, wwan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2), use("10.0.1.3", "wlan0", 2, 3), use("10.0.2.2", "wwan0", 3, 4)
	six := use("2001:db8::2", "eth0", 1, 9)
	for _, test := range []struct {
		name      string
		strategy  config.Strategy
		locals    []Local
		announced string
		want      string
	}{
		{"fullmesh", config.Strategy{}, []Local{eth, wlan, wlan2, six}, "", "10.0.0.2 10.0.1.2 10.0.1.3"},
		{"fullmesh of two by two", config.Strategy{}, []Local{eth, wlan}, "203.0.113.8:443",
			"10.0.0.2 10.0.0.2>203.0.113.8 10.0.1.2 10.0.1.2>203.0.113.8"},
		{"fullmesh bounded", config.Strategy{Subflows: 1}, []Local{eth, wlan, wlan2}, "", "10.0.0.2 10.0.1.2"},
		{"fullmesh capped", config.Strategy{}, []Local{eth, as(config.Use, 0, 1, wlan), as(config.Use, 0, 1, wlan2), wwan}, "", "10.0.0.2 10.0.1.2 10.0.2.2"},
		{"cost decides who is capped", config.Strategy{}, []Local{eth, as(config.Use, 2, 1, wlan), as(config.Use, 1, 1, wlan2)}, "", "10.0.0.2 10.0.1.3"},
		{"a backup address", config.Strategy{}, []Local{eth, as(config.Backup, 0, 0, wlan)}, "", "10.0.0.2 10.0.1.2b"},
		{"begun on a backup address", config.Strategy{}, []Local{as(config.Backup, 0, 0, eth), wlan}, "", "10.0.0.2b 10.0.1.2"},
		{"laminar", config.Strategy{}, []Local{eth, as(config.Laminar, 0, 0, wlan)}, "203.0.113.8:443", "10.0.0.2 10.0.0.2>203.0.113.8 10.0.1.2>203.0.113.8"},
		{"signal", config.Strategy{}, []Local{eth, as(config.Signal, 0, 0, wlan)}, "", "10.0.0.2"},
		{"single", config.Strategy{Kind: config.SinglePerInterface}, []Local{eth, wlan, wlan2, wwan}, "203.0.113.8:443", "10.0.0.2 10.0.1.2 10.0.2.2"},
		{"ndiffports", config.Strategy{Kind: config.NDiffPorts, N: 3}, []Local{eth, wlan}, "", "10.0.0.2 10.0.0.2 10.0.0.2"},
		{"backup", config.Strategy{Kind: config.BackupPath}, []Local{eth, wlan, wwan}, "", "10.0.0.2 10.0.1.2b 10.0.2.2b"},
		{"backup in need", config.Strategy{Kind: config.BackupPath, Join: config.WhenNeeded}, []Local{eth, wlan}, "", "10.0.0.2"},
		{"handover", config.Strategy{Kind: config.Handover}, []Local{eth, wlan}, "", "10.0.0.2"},
		{"handover to what costs less", config.Strategy{Kind: config.Handover}, []Local{as(config.Use, 5, 0, eth), wlan}, "", "10.0.1.2"},
		{"interactive", config.Strategy{Kind: config.Interactive}, []Local{eth, wlan}, "", "10.0.0.2 10.0.1.2b"},
		{"aggregate", config.Strategy{Kind: config.Aggregate}, []Local{eth, wlan, as(config.Backup, 0, 0, wwan)}, "", "10.0.0.2 10.0.1.2"},
		{"none", config.Strategy{Kind: config.NoPaths}, []Local{eth, wlan}, "", "10.0.0.2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, c := begin(t, test.strategy, test.locals...)
			if test.announced != "" {
				m.announce(c, test.announced, 1)
			}
			m.run(30 * time.Second)
			m.expect(t, c, test.want)
			settled := len(m.commands)
			m.resync()
			m.tell(Network{test.locals})
			m.tell(Configured{&config.Config{Strategy: test.strategy}})
			m.run(time.Minute)
			if len(m.commands) != settled {
				t.Errorf("commands when nothing changed: %v", m.commands[settled:])
			}
			m.adopted(t, test.strategy, test.locals)
		})
	}
}

// adopted: another daemon that finds the connections changes nothing.
func (m *model) adopted(t *testing.T, strategy config.Strategy, locals []Local) {
	t.Helper()
	next := newModel(t.Fatalf, &config.Config{Strategy: strategy})
	next.now, next.connections, next.roads, next.port = m.now, m.connections, m.roads, m.port
	next.setLocals(locals...)
	next.resync()
	next.run(200 * time.Millisecond)
	for _, c := range next.commands {
		t.Errorf("command after a restart: %+v", c)
	}
	if counts := next.s.Counts(); counts.Live != 1 || counts.Managed != 1 {
		t.Errorf("counts %+v", counts)
	}
}

// hole makes the path of a local address one on which packets vanish, or not.
func (m *model) hole(l Local, hole bool) {
	r := m.road(l.Addr, pathmanagerServer)
	r.hole, r.since = hole, m.now
}

// TestHandover: data moves within a second of a black hole, for which the stuck subflow is
// closed; the path is used again when it heals, and the second one goes then.
func TestHandover(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	m, c := begin(t, config.Strategy{Kind: config.Handover}, eth, wlan)
	m.run(time.Minute + 70*time.Millisecond)
	m.hole(eth, true)
	m.run(time.Second)
	m.expect(t, c, "10.0.1.2")
	m.run(40 * time.Second)
	m.hole(eth, false)
	m.run(20 * time.Second)
	m.expect(t, c, "10.0.0.2")
	story, _ := m.s.Story(1)
	text := fmt.Sprint(story.Entries)
	for _, want := range []string{
		"subflow from 10.0.0.2 to 203.0.113.7:443 to be closed what hangs in it goes on by another path: stale: nothing came back",
		"subflow from 10.0.0.2 to 203.0.113.7:443 asked for the path is tried: it was bad",
		"path from 10.0.0.2 to 203.0.113.7:443 is bad stale", "10.0.1.2 to 203.0.113.7:443 carries the data from now on the path before is stale",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the story:\n%s", want, text)
		}
	}
}

// TestDownload: a host that only receives notices a black hole, too, and takes no pause
// for one: that costs a handshake on the path itself, and less and less often.
func TestDownload(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	m, c := begin(t, config.Strategy{Kind: config.Handover}, eth, wlan)
	m.download = true
	m.run(10 * time.Second)
	for range 20 {
		m.quiet = true
		m.run(2 * time.Second)
		m.quiet = false
		m.run(2 * time.Second)
	}
	m.expect(t, c, "10.0.0.2")
	creates := 0
	for _, command := range m.commands {
		if command.Action == Create {
			creates++
		}
		if command.Local.Addr == wlan.Addr {
			t.Errorf("the second path is used: %+v", command)
		}
	}
	if creates == 0 || creates > 4 {
		t.Errorf("the path was tried %d times", creates)
	}
	m.run(10 * time.Minute)
	m.hole(eth, true)
	m.run(time.Second)
	if got := c.carriers(); got != "10.0.0.2b 10.0.1.2" {
		t.Errorf("a second later: %q", got)
	}
}

// TestBackup: a standby path is promoted when the primary is stale, lossy or slow, and
// demoted when it is good again; there is always one that carries data.
func TestBackup(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	for name, fault := range map[string]struct{ worse, better func(*condition) }{
		"lossy": {func(r *condition) { r.lossy = 0.2 }, func(r *condition) { r.lossy = 0 }},
		"slow":  {func(r *condition) { r.rtt = 300 * time.Millisecond }, func(r *condition) { r.rtt = 20 * time.Millisecond }},
	} {
		t.Run(name, func(t *testing.T) {
			m, c := begin(t, config.Strategy{Kind: config.BackupPath, Bad: config.Bad{Loss: 0.1, RTT: 100 * time.Millisecond}}, eth, wlan)
			m.run(10 * time.Second)
			fault.worse(m.road(eth.Addr, pathmanagerServer))
			m.run(5 * time.Second)
			m.expect(t, c, "10.0.0.2b 10.0.1.2")
			fault.better(m.road(eth.Addr, pathmanagerServer))
			m.run(30 * time.Second)
			m.expect(t, c, "10.0.0.2 10.0.1.2b")
			last := m.commands[len(m.commands)-2:]
			if last[0].Backup || !last[1].Backup {
				t.Errorf("demoted before promoted: %v", last)
			}
		})
	}
}

// TestLostPrimary: the next path takes over at once.
func TestLostPrimary(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	m, c := begin(t, config.Strategy{Kind: config.BackupPath}, eth, wlan)
	m.run(time.Minute)
	m.drop(c, c.subflows[0], syscall.ETIMEDOUT)
	m.run(10 * time.Millisecond)
	m.expect(t, c, "10.0.1.2")
	m.run(time.Minute)
	m.expect(t, c, "10.0.0.2 10.0.1.2b")
}

// TestInteractive: the path with the lowest latency carries the data, and small or short
// differences change nothing.
func TestInteractive(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	m, c := begin(t, config.Strategy{Kind: config.Interactive}, eth, wlan)
	m.run(10 * time.Second)
	m.expect(t, c, "10.0.0.2 10.0.1.2b")
	m.road(wlan.Addr, pathmanagerServer).rtt = 17 * time.Millisecond
	m.run(10 * time.Second)
	m.expect(t, c, "10.0.0.2 10.0.1.2b")
	commands := len(m.commands)
	for range 20 { // It flaps.
		m.road(eth.Addr, pathmanagerServer).rtt = 90 * time.Millisecond
		m.run(300 * time.Millisecond)
		m.road(eth.Addr, pathmanagerServer).rtt = 18 * time.Millisecond
		m.run(600 * time.Millisecond)
	}
	if len(m.commands) != commands {
		t.Errorf("it flaps: %v", m.commands[commands:])
	}
	m.road(eth.Addr, pathmanagerServer).rtt = 90 * time.Millisecond
	m.run(3 * time.Second)
	m.expect(t, c, "10.0.0.2b 10.0.1.2")
}

// TestAggregateInNeed: a backup address is used when all others are bad, and no longer.
func TestAggregateInNeed(t *testing.T) {
	eth, wwan := use("10.0.0.2", "eth0", 1, 1), as(config.Backup, 0, 0, use("10.0.2.2", "wwan0", 3, 4))
	m, c := begin(t, config.Strategy{Kind: config.Aggregate}, eth, wwan)
	m.run(10 * time.Second)
	m.expect(t, c, "10.0.0.2")
	m.hole(eth, true)
	m.run(2 * time.Second)
	m.expect(t, c, "10.0.0.2 10.0.2.2b")
}

// TestMeasuring: only strategies that need it have paths measured.
func TestMeasuring(t *testing.T) {
	eth, wlan := use("10.0.0.2", "eth0", 1, 1), use("10.0.1.2", "wlan0", 2, 2)
	m, _ := begin(t, config.Strategy{}, eth, wlan)
	m.run(time.Second)
	if tokens, every := m.s.Measure(); tokens != nil || every != 0 {
		t.Errorf("fullmesh: %v every %s", tokens, every)
	}
	m, _ = begin(t, config.Strategy{Kind: config.Handover}, eth)
	m.run(time.Second)
	if _, every := m.s.Measure(); every != 0 {
		t.Errorf("one path: every %s", every)
	}
	m, c := begin(t, config.Strategy{Kind: config.Handover}, eth, wlan)
	m.run(time.Second)
	if tokens, every := m.s.Measure(); len(tokens) != 1 || every > 200*time.Millisecond {
		t.Errorf("busy: %v every %s", tokens, every)
	}
	m.quiet = true
	m.run(10 * time.Second)
	if _, every := m.s.Measure(); every != time.Second {
		t.Errorf("idle: every %s", every)
	}
	m.run(time.Hour)
	if _, every := m.s.Measure(); every != 10*time.Second {
		t.Errorf("idle for an hour: every %s", every)
	}
	m.disconnect(c)
	m.run(time.Second)
	if _, every := m.s.Measure(); every != 0 {
		t.Errorf("gone: every %s", every)
	}
}
