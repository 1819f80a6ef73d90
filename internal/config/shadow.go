package config

import (
	"fmt"
	"net/netip"
	"slices"

	"allroads/internal/document"
)

// together complains about rules of a list that have the same name, and about those that
// are never asked, because one before them matches all that they would.
func (k *checker) together(list string, n int, name func(int) string, covers func(i, j int) bool) {
	for j := range n {
		for i := range j {
			if name(i) != "" && name(i) == name(j) {
				k.collide(document.Place{list, j, "name"}, document.Place{list, i}, "name %q: another rule has it", name(j))
			}
			if covers(i, j) {
				k.collide(document.Place{list, j}, document.Place{list, i}, "rule %s is never asked: %s before it matches all that it would",
					ruleName(list, j, name(j)), ruleName(list, i, name(i)))
				break
			}
		}
	}
}

func (k *checker) collide(at, with document.Place, format string, args ...any) {
	k.mistakes = append(k.mistakes, document.Mistake{At: at, Err: fmt.Errorf(format, args...), With: with})
}

// covers reports whether all that another match matches is matched.
func (m InterfaceMatch) covers(other InterfaceMatch) bool {
	return (slices.Contains(m.Names, "*") || all(m.Names, other.Names, coversGlob(matches))) &&
		all(m.Types, other.Types, func(a, b LinkType) bool { return a == b }) &&
		all(m.Prefixes, other.Prefixes, coversPrefix) &&
		(m.Family == "" || m.Family == other.family()) &&
		(m.Metered == nil || other.Metered != nil && *m.Metered == *other.Metered)
}

func (m ConnectionMatch) covers(other ConnectionMatch) bool {
	within := func(a, b PortRange) bool { return a.First <= b.First && b.Last <= a.Last }
	return all(m.Peers, other.Peers, coversPrefix) &&
		all(m.Ports, other.Ports, within) &&
		all(m.LocalPorts, other.LocalPorts, within) &&
		all(m.UIDs, other.UIDs, func(a, b uint32) bool { return a == b }) &&
		all(m.Cgroups, other.Cgroups, coversGlob(inCgroup)) &&
		(m.Side == "" || m.Side == other.Side)
}

// all reports whether what a list allows is all that another does. An empty one allows
// everything.
func all[T any](list, other []T, covers func(a, b T) bool) bool {
	return len(list) == 0 || len(other) > 0 && !slices.ContainsFunc(other, func(b T) bool {
		return !slices.ContainsFunc(list, func(a T) bool { return covers(a, b) })
	})
}

func coversPrefix(a, b netip.Prefix) bool { return a.Bits() <= b.Bits() && a.Contains(b.Addr()) }

// coversGlob compares patterns, of which only those without wildcards can be tried.
func coversGlob(matches func(glob, text string) bool) func(a, b string) bool {
	return func(a, b string) bool { return a == b || !isGlob(b) && matches(a, b) }
}

// family is that of all addresses that match, or "".
func (m InterfaceMatch) family() Family {
	if m.Family != "" || len(m.Prefixes) == 0 {
		return m.Family
	}
	first := familyOf(m.Prefixes[0].Addr())
	for _, p := range m.Prefixes {
		if familyOf(p.Addr()) != first {
			return ""
		}
	}
	return first
}
