package lab

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"allroads/internal/document"
	"allroads/internal/netns"
)

// Validate reports everything that is wrong with the topology, joined.
func (t *Topology) Validate() error {
	var errs []error
	for _, p := range t.problems() {
		errs = append(errs, p.Err)
	}
	return errors.Join(errs...)
}

type validator struct {
	problems []document.Mistake
	seen     map[string]bool // names that must differ, with their kind
}

func (v *validator) complain(at document.Place, format string, args ...any) {
	v.problems = append(v.problems, document.Mistake{At: at, Err: fmt.Errorf(format, args...)})
}

// problems looks at the topology as it is built, with all that is left open in
// it decided.
func (t *Topology) problems() []document.Mistake {
	t = t.completed()
	v := validator{seen: map[string]bool{}}
	v.name(document.Place{"name"}, "topology", t.Name)
	v.engine(t)
	if len(t.Hosts) == 0 {
		v.complain(nil, "no hosts")
	}
	for at, host := range t.nodes() {
		v.host(at, host)
	}
	for i, s := range t.Switches {
		v.name(document.Place{"switches", i, "name"}, "switch", s.Name)
		v.once(document.Place{"switches", i, "name"}, "host", s.Name)
	}
	for i := range t.Links {
		v.link(t, document.Place{"links", i}, &t.Links[i])
	}
	for at, host := range t.nodes() {
		v.routing(t, at, host)
		v.endpoints(t, at, host)
		v.processes(at, host)
	}
	for i := range t.Routers {
		v.router(t, document.Place{"routers", i}, &t.Routers[i])
	}
	if t.Scenario != nil {
		v.scenario(t, document.Place{"scenario"}, t.Scenario)
	}
	return v.problems
}

func (v *validator) name(at document.Place, kind, name string) {
	if !ValidName(name) {
		v.complain(at, "%s name %q: letters, digits, '_' and '-' only, at most 63", kind, name)
	}
}

// once complains when a thing of a kind was there before.
func (v *validator) once(at document.Place, kind, name string) {
	if v.seen[kind+" "+name] {
		v.complain(at, "%s %s: twice", kind, name)
	}
	v.seen[kind+" "+name] = true
}

func (v *validator) host(at document.Place, h *HostConfig) {
	v.name(at.Sub("name"), "host", h.Name)
	v.once(at.Sub("name"), "host", h.Name)
	for _, key := range slices.Sorted(maps.Keys(h.Sysctls)) {
		value := h.Sysctls[key]
		at := at.Sub("sysctls", key)
		if !netns.ValidSysctl(key) {
			v.complain(at, "host %s: sysctl %q: not a network setting", h.Name, key)
		}
		if !validSysctlValue(value) {
			v.complain(at, "host %s: sysctl %s: value %q: letters, digits, spaces and '._:,/-' only", h.Name, key, value)
		}
	}
}

func (v *validator) link(t *Topology, at document.Place, l *LinkConfig) {
	v.name(at.Sub("name"), "link", l.Name)
	v.once(at.Sub("name"), "link", l.Name)
	if len(l.Ends) != 2 {
		v.complain(at.Sub("ends"), "link %s: %d ends: a link has two", l.Name, len(l.Ends))
	}
	v.impairments(at, l)
	v.mtu(at.Sub("mtu"), l)
	v.linkRules(at.Sub("middlebox"), l)
	for i, end := range l.Ends {
		at := at.Sub("ends", i)
		v.end(t, at, l, end)
		v.linkInterface(at.Sub("interface"), l, end.Interface)
		v.once(at.Sub("interface"), "interface", end.Host+"/"+end.Interface)
		for i, address := range end.Addresses {
			v.address(at.Sub("addresses", i), l, address)
		}
	}
}

func (v *validator) end(t *Topology, at document.Place, l *LinkConfig, end EndConfig) {
	switch {
	case t.isSwitch(end.Host):
		if len(end.Addresses) > 0 {
			v.complain(at.Sub("addresses"), "link %s: addresses at switch %s: a switch has none", l.Name, end.Host)
		}
	case t.node(end.Host) == nil:
		v.complain(at.Sub("host"), "link %s: no host %q%s", l.Name, end.Host, document.Suggestion(end.Host, t.Names()))
	}
}

func (v *validator) impairments(at document.Place, l *LinkConfig) {
	all, places := []Impairment{l.Impairment}, []document.Place{at}
	for i := range l.Ends {
		all, places = append(all, l.sends(i)), append(places, at.Sub("ends", i))
	}
	for i, sends := range all {
		if err := sends.validate(); err != nil {
			v.complain(places[i], "link %s: %w", l.Name, err)
			return
		}
	}
}

const (
	minMTU   = 576  // what every host takes (RFC 791, section 3.1)
	minMTUv6 = 1280 // and every link that carries IPv6 (RFC 8200, section 5)
	maxMTU   = 65535
)

func (v *validator) mtu(at document.Place, l *LinkConfig) {
	least := minMTU
	for _, end := range l.Ends {
		for _, address := range end.Addresses {
			if address.Addr().Is6() {
				least = minMTUv6
			}
		}
	}
	if l.MTU != 0 && (l.MTU < least || l.MTU > maxMTU) {
		v.complain(at, "link %s: MTU %d: %d to %d only", l.Name, l.MTU, least, maxMTU)
	}
}

func (v *validator) linkInterface(at document.Place, l *LinkConfig, name string) {
	switch {
	case !interfaceSpelling.matches(name):
		v.complain(at, "link %s: interface %q: letters, digits, '.', '_' and '-' only, at most 63", l.Name, name)
	case name == "lo", name == "all", name == "default":
		v.complain(at, "link %s: interface %q: a name that the kernel keeps for itself", l.Name, name)
	}
}

func (v *validator) address(at document.Place, l *LinkConfig, address netip.Prefix) {
	if !address.IsValid() || address.Addr().Is4In6() || address.Addr().IsUnspecified() {
		v.complain(at, "link %s: address %s: not an address with a prefix length", l.Name, address)
		return
	}
	v.once(at, "address", address.Addr().String())
}
