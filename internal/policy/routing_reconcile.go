package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// RoutingKind is what a RoutingChange does.
type RoutingKind string

// The kinds of routing changes.
const (
	AddRoute    RoutingKind = "add-route"
	DeleteRoute RoutingKind = "delete-route"
	AddRule     RoutingKind = "add-rule"
	DeleteRule  RoutingKind = "delete-rule"
	SetFilter   RoutingKind = "set-rp-filter"
)

// RoutingChange is one step from the routing that is to the one that is to be.
type RoutingChange struct {
	Kind   RoutingKind
	Route  rtnl.Route
	Rule   rtnl.Rule
	Device string // name of the interface of the route or of rp_filter, "": not known
	Filter int    // what its rp_filter becomes
	Why    string
}

// ReconcileRouting tells how to come from the routing of the picture to the one that is
// wanted, in the order in which it is to be done: rules go before the routes that they
// lead to, and come after them. Only what has rtnl.Protocol is deleted. LooseFilters is
// for rp_filter.
func ReconcileRouting(want Routing, p *rtnl.Picture) []RoutingChange {
	var deleted, added []RoutingChange
	missing := slices.Clone(want.Rules)
	for _, rule := range p.Rules {
		if rule.Protocol != rtnl.Protocol || !rule.From.IsValid() {
			continue // All rules of allroadsd are from an address.
		}
		have := rtnl.Rule{From: rule.From, To: rule.To, Table: rule.Table, Priority: rule.Priority, Protocol: rule.Protocol}
		if i := slices.Index(missing, have); i >= 0 && !rule.Other {
			missing = slices.Delete(missing, i, i+1)
			continue
		}
		deleted = append(deleted, RoutingChange{Kind: DeleteRule, Rule: have, Why: "it is no longer wanted"})
	}
	absent := slices.Clone(want.Routes)
	for _, hop := range p.Own {
		if hop.Protocol != rtnl.Protocol {
			continue
		}
		have := routeOf(hop)
		if i := slices.Index(absent, have); i >= 0 {
			absent = slices.Delete(absent, i, i+1)
			continue
		}
		deleted = append(deleted, RoutingChange{Kind: DeleteRoute, Route: have, Device: p.Links[hop.Link].Name, Why: "it is no longer wanted"})
	}
	for _, route := range absent {
		added = append(added, RoutingChange{Kind: AddRoute, Route: route, Device: p.Links[route.Link].Name, Why: fmt.Sprintf("%s has routing of its own", route.Source)})
	}
	for _, rule := range missing {
		added = append(added, RoutingChange{Kind: AddRule, Rule: rule, Why: fmt.Sprintf("%s has routing of its own", rule.From.Addr())})
	}
	return append(deleted, added...)
}

// routeOf is the route that a hop was made by.
func routeOf(hop rtnl.Hop) rtnl.Route {
	return rtnl.Route{To: hop.To, Via: hop.Via, Link: hop.Link, Source: hop.Source, Table: hop.Table, Metric: hop.Metric, Protocol: hop.Protocol}
}

// String is the command of ip(8) or sysctl(8) that does the same.
func (c RoutingChange) String() string {
	switch c.Kind {
	case AddRoute:
		return c.route("add")
	case DeleteRoute:
		return c.route("delete")
	case AddRule:
		return c.rule("add")
	case DeleteRule:
		return c.rule("delete")
	case SetFilter:
		return fmt.Sprintf("sysctl -w %s=%d", filterKey(c.Device), c.Filter)
	}
	return string(c.Kind)
}

func (c RoutingChange) route(verb string) string {
	r := c.Route
	line := []string{ip(r.To.Addr()), "route", verb, r.To.String()}
	if r.To.Bits() == 0 {
		line[3] = "default"
	}
	if r.Via.IsValid() {
		line = append(line, "via", r.Via.String())
	}
	line = append(line, "dev", deviceName(c.Device, r.Link))
	if r.Source.IsValid() {
		line = append(line, "src", r.Source.String())
	}
	line = append(line, "table", fmt.Sprint(r.Table))
	if r.Metric != 0 {
		line = append(line, "metric", fmt.Sprint(r.Metric))
	}
	return strings.Join(append(line, "proto", fmt.Sprint(r.Protocol)), " ")
}

func (c RoutingChange) rule(verb string) string {
	r := c.Rule
	line := []string{ip(r.From.Addr()), "rule", verb}
	if r.From.IsValid() {
		line = append(line, "from", strings.TrimSuffix(r.From.String(), fmt.Sprintf("/%d", r.From.Addr().BitLen())))
	}
	if r.To.IsValid() {
		line = append(line, "to", r.To.String())
	}
	line = append(line, "lookup", fmt.Sprint(r.Table), "priority", fmt.Sprint(r.Priority))
	return strings.Join(append(line, "protocol", fmt.Sprint(r.Protocol)), " ")
}

func ip(addr netip.Addr) string {
	if familyOf(addr) == unix.AF_INET6 {
		return "ip -6"
	}
	return "ip"
}
