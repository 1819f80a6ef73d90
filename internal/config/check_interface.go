package config

import (
	"net/netip"
	"slices"

	"allroads/internal/document"
)

// maxCost and maxCap bound what a rule may say of cost and cap.
const (
	maxCost = 65535
	maxCap  = maxLimit
)

func (k *checker) interfaceRule(at document.Place, rule *InterfaceRule) {
	k.ruleName(at.Sub("name"), rule.Name)
	k.interfaceMatch(at.Sub("match"), &rule.Match)
	k.settings(at, &rule.InterfaceSettings)
	k.fits(at, rule)
}

func (k *checker) interfaceMatch(at document.Place, m *InterfaceMatch) {
	list(k, at.Sub("names"), m.Names, k.interfaceGlob)
	list(k, at.Sub("types"), m.Types, func(at document.Place, t LinkType) {
		word(k, at, "type", t, linkTypes)
		if t == "" {
			k.complain(at, "type: %s", listed(linkTypes))
		}
	})
	word(k, at.Sub("family"), "family", m.Family, families)
	list(k, at.Sub("prefixes"), m.Prefixes, func(at document.Place, p netip.Prefix) {
		k.prefix(at, p)
		if m.Family != "" && p.IsValid() && familyOf(p.Addr()) != m.Family && slices.Contains(families, m.Family) {
			k.complain(at, "prefix %s: never matches with family %s", p, m.Family)
		}
	})
}

// prefix complains about one that no address lies in, or that says more than its length.
func (k *checker) prefix(at document.Place, p netip.Prefix) {
	switch {
	case !p.IsValid():
		k.complain(at, "prefix: none, as 10.0.0.0/8")
	case p.Addr().Is4In6():
		k.complain(at, "prefix %s: write it as IPv4", p)
	case p != p.Masked():
		k.complain(at, "prefix %s: bits behind the prefix: did you mean %s or %s?", p, p.Masked(), netip.PrefixFrom(p.Addr(), p.Addr().BitLen()))
	}
}

func (k *checker) settings(at document.Place, s *InterfaceSettings) {
	word(k, at.Sub("role"), "role", s.Role, roles)
	within(k, at.Sub("cost"), s.Cost, 0, maxCost)
	within(k, at.Sub("cap"), s.Cap, 0, maxCap)
	word(k, at.Sub("needs"), "needs", s.Needs, needs)
	if s.Strategy != nil {
		k.strategy(at.Sub("strategy"), *s.Strategy)
	}
	if s.Announce != nil {
		k.announcement(at.Sub("announce"), s.Announce)
	}
	if s.Announce != nil && s.Role != Signal {
		k.complain(at.Sub("announce"), "announce: without role: signal nothing is announced")
	}
	// The kernel refuses both for one endpoint (net/mptcp/pm_kernel.c).
	if s.Fullmesh && s.Role == Signal {
		k.complain(at.Sub("fullmesh"), "fullmesh: with role: signal no subflow is made from the address")
	}
	if rest := *s; s.Role == Never {
		rest.Role, rest.Metered = "", nil
		if rest != (InterfaceSettings{}) {
			k.complain(at.Sub("role"), "role never: and other settings, which nothing comes of")
		}
	}
}

// fits complains where what a rule sets goes against what it matches.
func (k *checker) fits(at document.Place, rule *InterfaceRule) {
	m, s := &rule.Match, &rule.InterfaceSettings
	if m.Metered != nil && s.Metered != nil && *m.Metered != *s.Metered {
		k.complain(at.Sub("metered"), "metered %t: the rule matches only where it is known to be %t", *s.Metered, *m.Metered)
	}
	if every(m.Prefixes, isLinkLocal) && !s.LinkLocal && s.Role != Never {
		k.complain(at.Sub("match", "prefixes"), "link-local prefixes only: their addresses are left alone without link_local: true")
	}
	if s.Announce != nil && s.Announce.Address.IsValid() {
		k.announcedFamily(at.Sub("announce", "address"), m, familyOf(s.Announce.Address))
	}
}

// isLinkLocal reports whether all addresses in a prefix are link-local.
func isLinkLocal(p netip.Prefix) bool {
	least := 10 // fe80::/10
	if p.Addr().Is4() {
		least = 16 // 169.254.0.0/16
	}
	return p.Addr().IsLinkLocalUnicast() && p.Bits() >= least
}

// every reports whether there are elements, and all of them hold.
func every[T any](list []T, holds func(T) bool) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(v T) bool { return !holds(v) })
}
