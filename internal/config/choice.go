package config

import (
	"net/netip"
	"path"
	"slices"
)

// ConnectionFacts are what rules for connections are asked about.
type ConnectionFacts struct {
	Local, Remote netip.AddrPort
	Side          Side
	UID           *uint32 // of who made the socket; nil: not known
	Cgroup        *string // path below the root of the hierarchy; nil: not known
}

// StrategyOf is the strategy of a connection with nothing left open, and what decided: the
// first rule for connections that matches, by its name or as connections[N]; else that of
// the interface's rule, where there is one ("interface"); else the one for all ("strategy").
// Where a rule before the one that decided may match, but asks for a UID or cgroup that is
// nil, known is false.
func (c *Config) StrategyOf(f ConnectionFacts, ofInterface *Strategy) (s Strategy, rule string, known bool) {
	known = true
	for i, rule := range c.Connections {
		if !rule.Match.mayHold(f) {
			continue
		}
		switch rule.Match.owner(f) {
		case yes:
			return rule.Strategy.completed(), ruleName("connections", i, rule.Name), known
		case perhaps:
			known = false
		}
	}
	if ofInterface != nil {
		return ofInterface.completed(), "interface", known
	}
	return c.Strategy.completed(), "strategy", known
}

// AsksOwner reports whether a rule asks whose connections are.
func (c *Config) AsksOwner() bool {
	return slices.ContainsFunc(c.Connections, func(rule ConnectionRule) bool {
		return len(rule.Match.UIDs) > 0 || len(rule.Match.Cgroups) > 0
	})
}

// mayHold reports whether a match holds as far as it does not ask for the owner.
func (m ConnectionMatch) mayHold(f ConnectionFacts) bool {
	peer := f.Remote.Addr().Unmap().WithZone("")
	return oneOf(m.Peers, func(p netip.Prefix) bool { return p.Contains(peer) }) &&
		oneOf(m.Ports, func(r PortRange) bool { return r.Contains(f.Remote.Port()) }) &&
		oneOf(m.LocalPorts, func(r PortRange) bool { return r.Contains(f.Local.Port()) }) &&
		(m.Side == "" || m.Side == f.Side)
}

// answer is to a question whose subject may not be known.
type answer int

const (
	no answer = iota
	perhaps
	yes
)

// owner answers whether a match holds as far as it asks for the owner.
func (m ConnectionMatch) owner(f ConnectionFacts) answer {
	return min(asked(m.UIDs, f.UID, func(uid uint32) bool { return uid == *f.UID }),
		asked(m.Cgroups, f.Cgroup, func(glob string) bool { return inCgroup(glob, *f.Cgroup) }))
}

func asked[T, F any](list []T, fact *F, holds func(T) bool) answer {
	switch {
	case len(list) > 0 && fact == nil:
		return perhaps
	case oneOf(list, holds):
		return yes
	}
	return no
}

// inCgroup reports whether a cgroup, or one that it lies in, matches a glob.
func inCgroup(glob, cgroup string) bool {
	for cgroup = path.Clean(cgroup); ; cgroup = path.Dir(cgroup) {
		if matches(glob, cgroup) {
			return true
		}
		if cgroup == "/" || cgroup == "." {
			return false
		}
	}
}
