package config

import (
	"math"
	"net/netip"

	"allroads/internal/document"
)

func (k *checker) connectionRule(at document.Place, rule *ConnectionRule) {
	k.ruleName(at.Sub("name"), rule.Name)
	k.connectionMatch(at.Sub("match"), &rule.Match)
	if rule.Strategy == (Strategy{}) {
		k.complain(at, "no strategy: the rule would decide nothing")
	}
	k.strategy(at.Sub("strategy"), rule.Strategy)
}

func (k *checker) connectionMatch(at document.Place, m *ConnectionMatch) {
	list(k, at.Sub("peers"), m.Peers, func(at document.Place, p netip.Prefix) { k.prefix(at, p) })
	list(k, at.Sub("ports"), m.Ports, k.ports)
	list(k, at.Sub("local_ports"), m.LocalPorts, k.ports)
	list(k, at.Sub("uids"), m.UIDs, func(at document.Place, uid uint32) {
		if uid == math.MaxUint32 {
			k.complain(at, "uid %d: nobody's: it stands for none", uid)
		}
	})
	list(k, at.Sub("cgroups"), m.Cgroups, k.cgroupGlob)
	word(k, at.Sub("side"), "side", m.Side, sides)
}

// ports complains about a range that UnmarshalText would not have made.
func (k *checker) ports(at document.Place, r PortRange) {
	if r.First == 0 || r.First > r.Last {
		k.complain(at, "ports %s: 1 to 65535, the lower first", r)
	}
}
