package policy

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// The values of net.ipv4.conf.*.rp_filter (Documentation/networking/ip-sysctl.rst).
const (
	strict = 1 // what would not be answered by the same interface is dropped
	loose  = 2 // what could not be answered at all is dropped
)

// overlaps tells whether strict would drop packets to an address that has a rule of its
// own. The kernel looks up the way back with the rules, and from that address: so a rule
// is enough for strict, unless the packets come in by another interface. They do so where
// two are in one network, because Linux answers ARP for all of its addresses on each.
func overlaps(p *rtnl.Picture, address rtnl.Address) bool {
	return address.Addr().Is4() && slices.ContainsFunc(p.Addresses, func(other rtnl.Address) bool {
		return other.Link != address.Link && !p.Links[other.Link].Loopback && p.Links[other.Link].Up &&
			other.Prefix.Overlaps(address.Prefix)
	})
}

// loosen: there is no rp_filter for IPv6.
func loosen(a Assessment) []string {
	if a.Address.Addr().Is6() {
		return nil
	}
	return []string{a.Link.Name}
}

// LooseFilters tells which rp_filter to change so that the wanted interfaces are not
// strict, and which to put back. Values are those that hold now, by interface and for
// "all": the kernel takes the higher of the two. Before has what those that were changed
// had before; the result is what it is to be once the changes are made. Wanted is
// Routing.Loose, and nil when allroadsd stops. A value that somebody else changed
// meanwhile is left.
func LooseFilters(wanted []string, values, before map[string]int) (changes []RoutingChange, after map[string]int) {
	after = map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		now, there := values[name]
		switch {
		case slices.Contains(wanted, name):
			after[name] = before[name]
		case there && now == loose:
			changes = append(changes, RoutingChange{Kind: SetFilter, Device: name, Filter: before[name], Why: "it was so before"})
		}
	}
	for _, name := range wanted {
		now, there := values[name]
		if !there || max(now, values["all"]) != strict {
			continue
		}
		if _, changed := after[name]; !changed {
			after[name] = now
		}
		changes = append(changes, RoutingChange{Kind: SetFilter, Device: name, Filter: loose,
			Why: fmt.Sprintf("strict (1) drops what comes in at %s for addresses with another way back", name)})
	}
	return changes, after
}

// filterKey is written with slashes where the name of the interface has a dot.
func filterKey(device string) string {
	if strings.Contains(device, ".") {
		return "net/ipv4/conf/" + device + "/rp_filter"
	}
	return "net.ipv4.conf." + device + ".rp_filter"
}

// Strict tells which addresses that are ready get no answers from beyond their network,
// because rp_filter is strict at their interface and nothing leads back that way: they
// have no rule of their own, and the best default route is another interface's. Want is
// what DrawRouting has drawn, values are as those of LooseFilters.
func Strict(a []Assessment, want Routing, p *rtnl.Picture, values map[string]int) (warnings []string) {
	best := bestDefault(p)
	for _, assessment := range a {
		addr, name := assessment.Address.Addr(), assessment.Link.Name
		if assessment.State != Ready || !addr.Is4() || best == 0 || assessment.Link.Index == best || slices.Contains(want.Loose, name) {
			continue
		}
		if max(values[name], values["all"]) != strict || hasRule(addr, want, p) {
			continue
		}
		warnings = append(warnings, fmt.Sprintf("%s on %s: answers are dropped, since rp_filter is strict and the default route is another interface's: set routing: true, or run %s",
			addr, name, RoutingChange{Kind: SetFilter, Device: name, Filter: loose}))
	}
	return warnings
}

// bestDefault is the interface of the IPv4 default route with the lowest metric in the
// table main, 0: there is none.
func bestDefault(p *rtnl.Picture) (link int) {
	metric := uint32(0)
	for _, hop := range p.Defaults {
		if hop.Table == unix.RT_TABLE_MAIN && hop.To.Addr().Is4() && (link == 0 || hop.Metric < metric) {
			link, metric = hop.Link, hop.Metric
		}
	}
	return link
}

// hasRule: a rule from an address, or from its network, is asked for the way back, too.
func hasRule(addr netip.Addr, want Routing, p *rtnl.Picture) bool {
	return slices.ContainsFunc(want.Rules, func(r rtnl.Rule) bool { return r.From.Contains(addr) }) ||
		slices.ContainsFunc(p.Rules, func(r rtnl.PolicyRule) bool {
			return r.From.IsValid() && r.From.Contains(addr) && r.Protocol != rtnl.Protocol
		})
}
