package lab

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"

	"allroads/internal/netns"
)

// Names reach the command lines we show and files under /run, so they are held
// to what needs no quoting; interface names have the kernel's limit besides.
var (
	validName      = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`)
	validInterface = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$`)
)

// Validate reports everything that is wrong with the topology, joined.
func (t *Topology) Validate() error {
	var v validator
	v.name("topology", t.Name)
	if len(t.Hosts) == 0 {
		v.complain("no hosts")
	}
	for i := range t.Hosts {
		v.host(&t.Hosts[i])
	}
	for i := range t.Links {
		v.link(t, &t.Links[i])
	}
	for i := range t.Hosts {
		v.routing(t, &t.Hosts[i])
		v.endpoints(t, &t.Hosts[i])
	}
	return errors.Join(v.errs...)
}

type validator struct {
	errs []error
	seen map[string]bool // names that must differ, with their kind
}

func (v *validator) complain(format string, args ...any) {
	v.errs = append(v.errs, fmt.Errorf(format, args...))
}

func (v *validator) name(kind, name string) {
	if !validName.MatchString(name) {
		v.complain("%s name %q: letters, digits, '_' and '-' only, at most 63", kind, name)
	}
}

// once complains when a thing of a kind was there before.
func (v *validator) once(kind, name string) {
	if v.seen == nil {
		v.seen = map[string]bool{}
	}
	if v.seen[kind+" "+name] {
		v.complain("%s %s: twice", kind, name)
	}
	v.seen[kind+" "+name] = true
}

func (v *validator) host(h *HostConfig) {
	v.name("host", h.Name)
	v.once("host", h.Name)
	for _, key := range slices.Sorted(maps.Keys(h.Sysctls)) {
		value := h.Sysctls[key]
		if !netns.ValidSysctl(key) {
			v.complain("host %s: sysctl %q: not a network setting", h.Name, key)
		}
		if !validSysctlValue.MatchString(value) {
			v.complain("host %s: sysctl %s: value %q: letters, digits, spaces and '._:,/-' only", h.Name, key, value)
		}
	}
}

var validSysctlValue = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 \t._:,/-]*$|^-[0-9]+$`)

func (v *validator) link(t *Topology, l *LinkConfig) {
	v.name("link", l.Name)
	v.once("link", l.Name)
	if len(l.Ends) != 2 {
		v.complain("link %s: %d ends: a link has two", l.Name, len(l.Ends))
	}
	v.impairments(l)
	for _, end := range l.Ends {
		if t.host(end.Host) == nil {
			v.complain("link %s: no host %q", l.Name, end.Host)
		}
		v.linkInterface(l, end.Interface)
		v.once("interface", end.Host+"/"+end.Interface)
		for _, address := range end.Addresses {
			v.address(l, address)
		}
	}
}

func (v *validator) impairments(l *LinkConfig) {
	all := []Impairment{l.Impairment}
	for i := range l.Ends {
		all = append(all, l.sends(i))
	}
	for _, sends := range all {
		if rate := sends.Rate; rate != 0 && (rate < minRate || rate > maxRate) {
			v.complain("link %s: rate %s: %s to %s only", l.Name, rate, minRate, maxRate)
			return
		}
		if err := sends.params().Validate(); err != nil {
			v.complain("link %s: %w", l.Name, err)
			return
		}
	}
}

func (v *validator) linkInterface(l *LinkConfig, name string) {
	switch {
	case !validInterface.MatchString(name):
		v.complain("link %s: interface %q: letters, digits, '.', '_' and '-' only, at most 15", l.Name, name)
	case name == "lo", name == "all", name == "default":
		v.complain("link %s: interface %q: a name that the kernel keeps for itself", l.Name, name)
	}
}

func (v *validator) address(l *LinkConfig, address netip.Prefix) {
	if !address.IsValid() || address.Addr().Is4In6() || address.Addr().IsUnspecified() {
		v.complain("link %s: address %s: not an address with a prefix length", l.Name, address)
		return
	}
	v.once("address", address.Addr().String())
}

func (v *validator) endpoints(t *Topology, h *HostConfig) {
	for _, endpoint := range h.MPTCP.Endpoints {
		// A zone could hold anything, and the kernel has an interface index for it.
		if a := endpoint.Address; !a.IsValid() || a.Is4In6() || a.IsUnspecified() || a.Zone() != "" {
			v.complain("host %s: endpoint %q: not an address of a host, without a zone", h.Name, a)
		}
		if _, err := endpoint.flags(); err != nil {
			v.complain("host %s: endpoint %s: %w", h.Name, endpoint.Address, err)
		}
		if endpoint.Dev != "" && !t.hasInterface(h.Name, endpoint.Dev) {
			v.complain("host %s: endpoint %s: no interface %q", h.Name, endpoint.Address, endpoint.Dev)
		}
	}
}

func (t *Topology) hasInterface(host, name string) bool {
	for _, link := range t.Links {
		for _, end := range link.Ends {
			if end.Host == host && end.Interface == name {
				return true
			}
		}
	}
	return false
}
