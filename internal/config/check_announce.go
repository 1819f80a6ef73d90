package config

import (
	"net/netip"

	"allroads/internal/document"
)

func (k *checker) announcement(at document.Place, a *Announcement) {
	if address := a.Address; address.IsValid() && !reachable(address) {
		k.complain(at.Sub("address"), "address %s: not one that a peer can reach", address)
	}
	if a.Listen != 0 && a.Port == 0 {
		k.complain(at.Sub("listen"), "listen %d: without a port that is announced", a.Listen)
	}
	if *a == (Announcement{}) {
		k.complain(at, "announce: neither address nor port: leave it out to announce the address itself")
	}
}

func reachable(a netip.Addr) bool {
	return a.Zone() == "" && !a.Is4In6() && a.IsGlobalUnicast()
}

// announcedFamily complains where the addresses that a rule matches are all of the other
// family than the one announced in their place.
func (k *checker) announcedFamily(at document.Place, m *InterfaceMatch, announced Family) {
	isOther := func(p netip.Prefix) bool { return familyOf(p.Addr()) != announced }
	other := m.Family != "" && m.Family != announced
	if other || every(m.Prefixes, isOther) {
		k.complain(at, "address: %s, and the rule matches the other family only", announced)
	}
}
