package config

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
)

// Facts are what rules for interfaces are asked about: a local address and its interface.
type Facts struct {
	Name    string       // of the interface
	Type    LinkType     // of the interface
	Prefix  netip.Prefix // the address, with its length
	Metered *bool        // nil: not known
}

// The built-in rules, which come after the user's. Traffic sent from the address of a VPN
// or of a container's network would leave by other ways than its owner thinks.
var builtIn = [...]struct {
	name  string
	types []LinkType
	role  Role
}{
	{"built-in: loopback", []LinkType{Loopback}, Never},
	{"built-in: VPN", []LinkType{Tun, WireGuard}, Never},
	{"built-in: container", []LinkType{Container}, Never},
	{"built-in: default", nil, Use},
}

// Settings are those of the first rule that matches, with role and needs decided, and
// which rule that is: its name, interfaces[N], or "built-in: ...". Where the rule does not
// say whether traffic is metered, they say what the facts do.
func (c *Config) Settings(f Facts) (InterfaceSettings, string) {
	for i, rule := range c.Interfaces {
		if rule.Match.holds(f) {
			return rule.completed(f), ruleName("interfaces", i, rule.Name)
		}
	}
	for _, rule := range builtIn {
		if rule.types == nil || slices.Contains(rule.types, f.Type) {
			return InterfaceSettings{Role: rule.role}.completed(f), rule.name
		}
	}
	panic("the last built-in rule matches everything")
}

// ruleName is what a rule is called in answers: by its name, or by its place.
func ruleName(list string, i int, name string) string {
	if name != "" {
		return name
	}
	return fmt.Sprintf("%s[%d]", list, i)
}

func (s InterfaceSettings) completed(f Facts) InterfaceSettings {
	if s.Role == "" {
		s.Role = Use
	}
	if s.Needs == "" {
		s.Needs = NeedDefaultRoute
	}
	if s.Metered == nil {
		s.Metered = f.Metered
	}
	if s.Strategy != nil {
		complete := s.Strategy.completed()
		s.Strategy = &complete
	}
	return s
}

func (m InterfaceMatch) holds(f Facts) bool {
	address := f.Prefix.Addr().Unmap()
	return oneOf(m.Names, func(glob string) bool { return matches(glob, f.Name) }) &&
		oneOf(m.Types, func(t LinkType) bool { return t == f.Type }) &&
		oneOf(m.Prefixes, func(p netip.Prefix) bool { return p.Contains(address) }) &&
		(m.Family == "" || m.Family == familyOf(address)) &&
		(m.Metered == nil || f.Metered != nil && *m.Metered == *f.Metered)
}

// oneOf reports whether one of a list holds, or there is none.
func oneOf[T any](list []T, holds func(T) bool) bool {
	return len(list) == 0 || slices.ContainsFunc(list, holds)
}

// matches holds a text against a glob, whose pattern was checked.
func matches(glob, text string) bool {
	found, err := path.Match(glob, text)
	return found && err == nil
}

func familyOf(a netip.Addr) Family {
	switch {
	case a.Is4():
		return IPv4
	case a.Is6():
		return IPv6
	}
	return ""
}
