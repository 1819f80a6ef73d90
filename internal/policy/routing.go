package policy

import (
	"net/netip"
	"slices"

	"allroads/internal/config"
	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// Routing is what the routing tables, the rules and rp_filter are to be for the addresses
// that have routing. All routes and rules have rtnl.Protocol.
type Routing struct {
	Routes []rtnl.Route // by Link, without Dev
	Rules  []rtnl.Rule
	Loose  []string // interfaces whose rp_filter is to be 2 where it is strict
}

const (
	// firstTable is where the search for a table begins that nobody uses.
	firstTable = 20000
	// rulePriority is before the table main (32766), and before the rules that VPNs put
	// right in front of it; it is after those that their owners gave low numbers.
	rulePriority = 32000
	metric6      = 1024 // that the kernel gives IPv6 routes without one
)

// DrawRouting decides about tables and rules of their own: for each address that is ready,
// wanted with routing by the configuration, and has a gateway or a point-to-point link.
// Whatever has such a source address then leaves by its own interface. An address that
// somebody else has given a rule to such a table needs none. An address keeps the table
// that it has; a new one has the lowest from 20000 on that no rule, default route or
// route of allroadsd in the picture names.
func DrawRouting(a []Assessment, p *rtnl.Picture, c *config.Config) (r Routing) {
	tables := tables{p, used(p)}
	for _, assessment := range a {
		if assessment.State == Ready && routed(assessment, c) && !served(p, assessment.Address) {
			r.draw(assessment, p, tables)
		}
	}
	slices.Sort(r.Loose)
	r.Loose = slices.Compact(r.Loose)
	return r
}

func (r *Routing) draw(a Assessment, p *rtnl.Picture, tables tables) {
	address, route := a.Address, defaultRoute(p, a.Address)
	usable := !route.Via.IsValid() || route.Via.Is4() == address.Addr().Is4()
	switch {
	case !route.Known && !a.Link.PointToPoint:
		return // It reaches its own network, and that without a rule.
	case !usable: // The gateway of an IPv4 route is an IPv6 one (RFC 8950): no rule, but strict drops.
		r.Loose = append(r.Loose, loosen(a)...)
		return
	}
	table := tables.of(address.Addr())
	r.Routes = append(r.Routes, routes(address, route.Via, table)...)
	r.Rules = append(r.Rules, rtnl.Rule{From: single(address.Addr()), Table: table, Priority: priority(p, address), Protocol: rtnl.Protocol})
	if overlaps(p, address) {
		r.Loose = append(r.Loose, loosen(a)...)
	}
}

// served tells whether another's rule is for an address alone, and leads to a table with
// a default route over its interface.
func served(p *rtnl.Picture, address rtnl.Address) bool {
	return slices.ContainsFunc(p.Rules, func(rule rtnl.PolicyRule) bool {
		if rule.Protocol == rtnl.Protocol || rule.Other || rule.To.IsValid() || rule.From != single(address.Addr()) {
			return false
		}
		return slices.ContainsFunc(p.Defaults, func(hop rtnl.Hop) bool {
			return hop.Table == rule.Table && hop.Link == address.Link && hop.To.Addr().Is4() == address.Addr().Is4()
		})
	})
}

func routed(a Assessment, c *config.Config) bool {
	if a.Address.Addr().IsLinkLocalUnicast() {
		return false
	}
	if a.Settings.Routing != nil {
		return *a.Settings.Routing
	}
	return c.Routing
}

// routes are a table: what is on the link, the gateway where that is not, and the default.
func routes(address rtnl.Address, via netip.Addr, table uint32) (list []rtnl.Route) {
	addr := address.Addr()
	add := func(to netip.Prefix, via netip.Addr) {
		route := rtnl.Route{To: to.Masked(), Via: via, Link: address.Link, Source: addr, Table: table, Protocol: rtnl.Protocol}
		if addr.Is6() {
			route.Metric = metric6
		}
		list = append(list, route)
	}
	near := address.Prefix
	if address.Peer.IsValid() {
		near = netip.PrefixFrom(address.Peer, address.Prefix.Bits())
	}
	if near.Addr() != addr || !near.IsSingleIP() {
		add(near, netip.Addr{})
	}
	if via.IsValid() && !near.Masked().Contains(via) && !(via.Is6() && via.IsLinkLocalUnicast()) {
		add(single(via), netip.Addr{})
	}
	add(netip.PrefixFrom(unspecified(addr), 0), via)
	return list
}

func single(addr netip.Addr) netip.Prefix { return netip.PrefixFrom(addr, addr.BitLen()) }

func unspecified(addr netip.Addr) netip.Addr {
	if addr.Is4() {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

// priority is before the first rule that leads everything to the table main.
func priority(p *rtnl.Picture, address rtnl.Address) uint32 {
	before := uint32(rulePriority)
	for _, rule := range p.Rules {
		all := rule.Family == familyOf(address.Addr()) && !rule.From.IsValid() && !rule.To.IsValid() && !rule.Other
		if all && rule.Table == unix.RT_TABLE_MAIN && rule.Priority <= before {
			before = max(rule.Priority, 2) - 1
		}
	}
	return before
}

type tables struct {
	p    *rtnl.Picture
	used map[uint32]bool
}

func used(p *rtnl.Picture) map[uint32]bool {
	used := map[uint32]bool{}
	for _, rule := range p.Rules {
		used[rule.Table] = true
	}
	for _, hop := range slices.Concat(p.Defaults, p.Own) {
		used[hop.Table] = true
	}
	return used
}

// of returns the table of an address: that of its rule, else that of its routes, where a
// rule was refused or removed; else a new one.
func (t tables) of(addr netip.Addr) uint32 {
	for _, rule := range t.p.Rules {
		if rule.Protocol == rtnl.Protocol && rule.From == single(addr) && rule.Table >= firstTable {
			return rule.Table
		}
	}
	for _, hop := range t.p.Own {
		if hop.Protocol == rtnl.Protocol && hop.Source == addr && hop.Table >= firstTable {
			return hop.Table
		}
	}
	table := uint32(firstTable)
	for t.used[table] {
		table++
	}
	t.used[table] = true
	return table
}
