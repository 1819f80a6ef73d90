package config

import "strings"

// All words of each kind, in the order in which errors list them.
var (
	modes      = []Mode{Auto, Kernel, Userspace}
	onStops    = []OnStop{Remove, Keep}
	roles      = []Role{Use, Backup, Signal, Laminar, Never}
	linkTypes  = []LinkType{Ethernet, WiFi, WWAN, PPP, Tun, WireGuard, Container, Loopback, Other}
	families   = []Family{IPv4, IPv6}
	needs      = []Need{NeedDefaultRoute, NeedAddress}
	sides      = []Side{Client, Server}
	joins      = []Join{AtOnce, WhenNeeded}
	strategies = []StrategyKind{Fullmesh, SinglePerInterface, NDiffPorts, BackupPath, Handover, Interactive, Aggregate, NoPaths}
)

func texts[T ~string](words []T) (all []string) {
	for _, w := range words {
		all = append(all, string(w))
	}
	return all
}

// listed is "a, b or c".
func listed[T ~string](words []T) string {
	all := texts(words)
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}
