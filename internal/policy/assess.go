package policy

import (
	"fmt"
	"strings"

	"allroads/internal/config"
	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// Assess tells what becomes of each local address but those of loopback interfaces, the
// most wanted first: those that are ready, then those that wait, then those that are left
// alone; among them by role, cost and the metric of the default route. Metered tells
// whether a link's traffic costs, nil where that is not known; it may itself be nil.
//
// The other end of a point-to-point link is not an address of this host, and never
// assessed.
func Assess(p *rtnl.Picture, c *config.Config, metered func(rtnl.Link) *bool) []Assessment {
	assessments := make([]ranked, 0, len(p.Addresses))
	for _, address := range p.Addresses {
		link, known := p.Links[address.Link]
		if !known || link.Loopback || address.Addr().IsLoopback() {
			continue // An address may be heard of before its link: the next picture has both.
		}
		a := Assessment{Address: address, Link: link, Type: TypeOf(link)}
		facts := config.Facts{Name: link.Name, Type: a.Type, Prefix: address.Prefix}
		if metered != nil {
			facts.Metered = metered(link)
		}
		a.Settings, a.Rule = c.Settings(facts)
		route := defaultRoute(p, address)
		a.State, a.Reason = judge(p, a, route)
		assessments = append(assessments, ranked{a, route.Metric})
	}
	return order(assessments)
}

// judge tells the state of an address: the first thing that keeps it from being used.
func judge(p *rtnl.Picture, a Assessment, route reach) (State, string) {
	if reason := unwanted(p, a); reason != "" {
		return Left, reason
	}
	if reason := missing(a, route); reason != "" {
		return Waiting, reason
	}
	return Ready, ""
}

// unwanted tells why an address is left alone, whatever comes: by configuration, or for
// what it is.
func unwanted(p *rtnl.Picture, a Assessment) string {
	address, set := a.Address, a.Settings
	local := address.Addr().IsLinkLocalUnicast() || address.Scope == unix.RT_SCOPE_LINK
	switch {
	case set.Role == config.Never:
		return excluded(a)
	case address.DADFailed():
		return "another host has this address (duplicate address detection failed)"
	case address.Scope >= unix.RT_SCOPE_HOST:
		return "it is valid inside of this host only (scope host)"
	case local && !set.LinkLocal:
		return "it is link-local"
	case address.Temporary() && !set.Temporary:
		return "it is temporary (a privacy address)"
	case address.Deprecated() && !set.Deprecated:
		return "it is deprecated"
	}
	return part(p, a.Link)
}

// excluded is for role never. A rule of the user is named; the built-in ones are about
// what the interface is.
func excluded(a Assessment) string {
	what := string(a.Type)
	if a.Link.Kind != "" && a.Link.Kind != what {
		what += ", " + a.Link.Kind
	}
	switch {
	case !strings.HasPrefix(a.Rule, "built-in"):
		return fmt.Sprintf("rule %s says never", a.Rule)
	case a.Type == config.Tun || a.Type == config.WireGuard:
		return fmt.Sprintf("it is a VPN's (%s)", what)
	case a.Type == config.Container:
		return fmt.Sprintf("it is of containers or machines on this host (%s)", what)
	}
	return fmt.Sprintf("it is excluded (%s)", what)
}

// part: what comes in at a port of a bridge or a slave of a bond is the master's, so an
// address of its own cannot be reached. Interfaces in a VRF stay what they are.
func part(p *rtnl.Picture, link rtnl.Link) string {
	if link.Master == 0 {
		return ""
	}
	master, known := p.Links[link.Master]
	switch {
	case !known:
		return fmt.Sprintf("%s is part of another interface (index %d)", link.Name, link.Master)
	case master.Kind == "vrf":
		return ""
	}
	kind := master.Kind
	if kind == "" {
		kind = "interface"
	}
	return fmt.Sprintf("%s is part of the %s %s", link.Name, kind, master.Name)
}

// missing tells what an address waits for: the first thing of those that have to be.
func missing(a Assessment, route reach) string {
	switch {
	case !a.Link.Up:
		return "interface is down"
	case !a.Link.Running:
		return "no carrier"
	case a.Address.Tentative():
		return "waiting for duplicate address detection"
	case a.Settings.Needs != config.NeedAddress && !route.Known:
		return "waiting for a default route"
	}
	return ""
}
