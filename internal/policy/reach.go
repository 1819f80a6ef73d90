package policy

import (
	"net/netip"

	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// reach is the best default route of an address.
type reach struct {
	Known  bool
	Via    netip.Addr // not valid: on the link
	Metric uint32
}

// defaultRoute looks for a default route over the address's own interface in all tables
// that a rule leads packets from it to. All tables, not the first that has an answer:
// subflows are bound to their interface, and the kernel goes on to the next rule where a
// table has nothing over that interface. The routes that allroadsd made itself do not
// count: they are copies, and would keep each other alive.
func defaultRoute(p *rtnl.Picture, address rtnl.Address) (best reach) {
	tables, every := tablesOf(p, address)
	for _, hop := range p.Defaults {
		if hop.Link != address.Link || hop.To.Addr().Is4() != address.Addr().Is4() || hop.Protocol == rtnl.Protocol {
			continue
		}
		if hop.From.IsValid() && !hop.From.Contains(address.Addr()) {
			continue
		}
		if (every || tables[hop.Table]) && (!best.Known || hop.Metric < best.Metric) {
			best = reach{true, hop.Via, hop.Metric}
		}
	}
	return best
}

// tablesOf are the tables that packets from an address to anywhere may be looked up in. A
// rule with conditions that are not known here (marks, ports, users) may lead there. In a
// VRF the kernel chooses the table by the interface (l3mdev): every one may be it.
func tablesOf(p *rtnl.Picture, address rtnl.Address) (tables map[uint32]bool, every bool) {
	if p.Links[p.Links[address.Link].Master].Kind == "vrf" {
		return nil, true
	}
	tables, any := map[uint32]bool{}, false
	for _, rule := range p.Rules {
		if rule.Family != familyOf(address.Addr()) {
			continue
		}
		any = true
		from := !rule.From.IsValid() || rule.From.Contains(address.Addr())
		somewhere := rule.To.IsValid() && rule.To.Bits() > 0
		if from && !somewhere {
			tables[rule.Table] = true
		}
	}
	if !any { // Rules of this family were not seen: the kernel begins with these.
		tables[unix.RT_TABLE_MAIN], tables[unix.RT_TABLE_DEFAULT] = true, true
	}
	return tables, false
}

func familyOf(addr netip.Addr) uint8 {
	if addr.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}
