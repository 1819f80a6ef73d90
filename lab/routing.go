package lab

import (
	"fmt"
	"net/netip"
	"strings"

	"allroads/internal/document"
	"allroads/internal/rtnl"
)

// RouteConfig is a route of a host.
type RouteConfig struct {
	To     Destination `yaml:"to" json:"to"`
	Via    netip.Addr  `yaml:"via,omitempty" json:"via,omitzero"`       // the next router
	Dev    string      `yaml:"dev,omitempty" json:"dev,omitempty"`      // the interface
	Source netip.Addr  `yaml:"source,omitempty" json:"source,omitzero"` // the source address to prefer
	Table  uint32      `yaml:"table,omitempty" json:"table,omitempty"`  // 0: the main one
	Metric uint32      `yaml:"metric,omitempty" json:"metric,omitempty"`
}

// RuleConfig is a rule of a host: which routing table is asked for packets from
// or to somewhere.
type RuleConfig struct {
	From     Destination `yaml:"from,omitempty" json:"from,omitzero"`
	To       Destination `yaml:"to,omitempty" json:"to,omitzero"`
	Table    uint32      `yaml:"table" json:"table"`
	Priority uint32      `yaml:"priority,omitempty" json:"priority,omitempty"` // the lower the sooner
}

// Destination is a prefix, or anywhere, which is "default" in text. An address
// is the prefix that holds it alone.
type Destination struct{ Prefix netip.Prefix }

// ParseDestination reads a destination.
func ParseDestination(text string) (Destination, error) {
	if text == "default" {
		return Destination{}, nil
	}
	if prefix, err := netip.ParsePrefix(text); err == nil {
		if prefix != prefix.Masked() {
			return Destination{}, fmt.Errorf("%q has bits behind its prefix: %s is meant, or %s", text, prefix.Masked(), prefix.Addr())
		}
		return Destination{prefix}, nil
	}
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return Destination{}, fmt.Errorf("%q is neither an address, a prefix, nor default", text)
	}
	return Destination{netip.PrefixFrom(address, address.BitLen())}, nil
}

// IsZero reports whether the destination is anywhere.
func (d Destination) IsZero() bool { return !d.Prefix.IsValid() }

// String gives the destination as ParseDestination reads it.
func (d Destination) String() string {
	if d.IsZero() {
		return "default"
	}
	return d.Prefix.String()
}

// MarshalText writes what String gives.
func (d Destination) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDestination reads.
func (d *Destination) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDestination(string(text))
	return err
}

func routingSteps(h *HostConfig) []Step {
	var steps []Step
	for _, route := range h.Routes {
		steps = append(steps, step(
			func(l *Lab) error { return l.hosts[h.Name].route.AddRoute(route.route()) },
			"ip -n %s route add %s", h.Name, route))
	}
	for _, rule := range h.Rules {
		steps = append(steps, step(
			func(l *Lab) error { return l.hosts[h.Name].route.AddRule(rule.rule()) },
			"ip -n %s%s rule add %s", h.Name, rule.family(), rule))
	}
	return steps
}

func (r RouteConfig) route() rtnl.Route {
	return rtnl.Route{
		To: r.To.Prefix, Via: r.Via, Dev: r.Dev, Source: r.Source, Table: r.Table, Metric: r.Metric,
	}
}

// String writes the route as arguments of `ip route add`.
func (r RouteConfig) String() string {
	words := []string{r.To.String()}
	if r.Via.IsValid() {
		words = append(words, "via", r.Via.String())
	}
	if r.Dev != "" {
		words = append(words, "dev", r.Dev)
	}
	if r.Source.IsValid() {
		words = append(words, "src", r.Source.String())
	}
	if r.Table != 0 {
		words = append(words, "table", fmt.Sprint(r.Table))
	}
	if r.Metric != 0 {
		words = append(words, "metric", fmt.Sprint(r.Metric))
	}
	return strings.Join(words, " ")
}

func (r RuleConfig) rule() rtnl.Rule {
	return rtnl.Rule{From: r.From.Prefix, To: r.To.Prefix, Table: r.Table, Priority: r.Priority}
}

// String writes the rule as arguments of `ip rule add`.
func (r RuleConfig) String() string {
	var words []string
	if !r.From.IsZero() {
		words = append(words, "from", r.From.String())
	}
	if !r.To.IsZero() {
		words = append(words, "to", r.To.String())
	}
	words = append(words, "table", fmt.Sprint(r.Table))
	if r.Priority != 0 {
		words = append(words, "priority", fmt.Sprint(r.Priority))
	}
	return strings.Join(words, " ")
}

// family is the option that ip(8) needs for rules of IPv6.
func (r RuleConfig) family() string {
	if r.From.Prefix.Addr().Is6() || r.To.Prefix.Addr().Is6() {
		return " -6"
	}
	return ""
}

func (v *validator) routing(t *Topology, at document.Place, h *HostConfig) {
	for i, route := range h.Routes {
		at := at.Sub("routes", i)
		switch {
		case route.To.IsZero() && !route.Via.IsValid():
			v.complain(at, "host %s: route to default: no router (via)", h.Name)
		case !route.Via.IsValid() && route.Dev == "":
			v.complain(at, "host %s: route to %s: neither a router (via) nor an interface (dev)", h.Name, route.To)
		case route.Via.IsValid() && !route.To.IsZero() && route.Via.Is4() != route.To.Prefix.Addr().Is4():
			v.complain(at, "host %s: route to %s via %s: one is IPv4, the other IPv6", h.Name, route.To, route.Via)
		case route.Via.Zone() != "" || route.Source.Zone() != "":
			v.complain(at, "host %s: route to %s: an address with a zone: name the interface (dev)", h.Name, route.To)
		case route.Dev != "" && !t.hasInterface(h.Name, route.Dev):
			v.complain(at.Sub("dev"), "host %s: route to %s: no interface %q", h.Name, route.To, route.Dev)
		}
	}
	for i, rule := range h.Rules {
		at := at.Sub("rules", i)
		switch {
		case rule.From.IsZero() && rule.To.IsZero():
			v.complain(at, "host %s: rule for table %d: neither from nor to", h.Name, rule.Table)
		case rule.Table == 0:
			v.complain(at, "host %s: rule %s: no table", h.Name, rule)
		case !rule.From.IsZero() && !rule.To.IsZero() && rule.From.Prefix.Addr().Is4() != rule.To.Prefix.Addr().Is4():
			v.complain(at, "host %s: rule %s: one is IPv4, the other IPv6", h.Name, rule)
		}
	}
}
