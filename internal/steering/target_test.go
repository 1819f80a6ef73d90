package steering

import (
	"net/netip"
	"slices"

	"allroads/internal/config"
	"allroads/pathmanager"
)

func pathmanagerToken(n uint32) pathmanager.Token { return pathmanager.Token(n) }

// compare holds what a connection has against what its strategy is for, computed in
// another way than State does.
func (m *model) compare(c *modelConnection, locals []Local) {
	kept := m.s.connections[c.token]
	if kept == nil {
		m.fail("connection %s is not known", c.token)
		return
	}
	strategy := kept.strategy
	pairs, bad := m.reachable(c, kept, locals)
	established := 0
	carrying := 0
	count := map[road]int{}
	extra := 0
	for _, s := range c.subflows {
		if !s.established {
			m.fail("a subflow is not established in the end")
		}
		established++
		if !s.backup {
			carrying++
		}
		if s.local != c.local {
			extra++
		}
		count[road{s.local.Addr().Unmap(), s.remote.Addr()}]++
	}
	capped := extra >= kept.bound() || slices.ContainsFunc(locals, func(l Local) bool { return l.Settings.Cap != 0 }) || bad
	switch strategy.Kind {
	case config.NoPaths:
	case config.Fullmesh:
		for _, p := range pairs {
			if count[p] != 1 && !capped {
				m.fail("%d subflows on %v", count[p], p)
			}
		}
	case config.Aggregate:
		for _, p := range pairs {
			if l := m.local(p.local); l.Settings.Role != config.Backup && count[p] != 1 && !capped {
				m.fail("%d subflows on %v", count[p], p)
			}
		}
	case config.SinglePerInterface:
		for link := 1; link <= 3; link++ {
			m.compareLink(link, pairs, count, capped)
		}
	case config.NDiffPorts:
		n := 0
		for p, k := range count {
			if p.local == c.local.Addr() {
				n += k
			}
		}
		if want := max(strategy.N, 1); n != want && !capped && len(pairs) > 0 && pairs[0] == (road{c.local.Addr(), c.remote.Addr()}) {
			m.fail("%d subflows from the initial address, not %d", n, want)
		}
	case config.BackupPath, config.Handover, config.Interactive:
		if carrying != 1 && established > 0 {
			m.fail("%d subflows carry data", carrying)
		}
		if strategy.Kind == config.Handover && established > 1 && !capped {
			m.fail("%d subflows where one is enough", established)
		}
	}
	for p, n := range count {
		if n > 1 && strategy.Kind != config.NDiffPorts {
			m.fail("%d subflows on %v in the end", n, p)
		}
	}
}

func (m *model) compareLink(link int, pairs []road, count map[road]int, capped bool) {
	possible, n := false, 0
	for _, p := range pairs {
		possible = possible || m.local(p.local).Link == link
	}
	for p, k := range count {
		if m.local(p.local).Link == link {
			n += k
		}
	}
	if possible && n == 0 && !capped {
		m.fail("no subflow from interface %d", link)
	}
}

// reachable lists the pairs of addresses between which subflows may be made. Bad: some
// path was given up for good, or waits for longer than the test.
func (m *model) reachable(c *modelConnection, kept *connection, locals []Local) (pairs []road, bad bool) {
	type remote struct {
		addr    netip.AddrPort
		initial bool
	}
	var remotes []remote
	if !kept.denied && !kept.withdrawn {
		remotes = append(remotes, remote{c.remote, true})
	}
	for _, r := range kept.remotes {
		if !slices.ContainsFunc(remotes, func(o remote) bool { return o.addr == r.addr }) {
			remotes = append(remotes, remote{r.addr, false})
		}
	}
	for _, r := range remotes {
		for _, l := range locals {
			if l.Settings.Role != config.Laminar || !r.initial {
				pairs = append(pairs, road{l.Addr, r.addr.Addr()})
			}
		}
	}
	bad = slices.ContainsFunc(kept.paths, func(p *path) bool { return p.state == givenUp })
	return pairs, bad
}
