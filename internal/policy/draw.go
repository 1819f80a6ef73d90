package policy

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"allroads/internal/config"
	"allroads/pathmanager"
)

// Draw decides which endpoints and limits the kernel is to have. Endpoints come from the
// addresses that are ready, in the order in which Assess has them; where the kernel has
// too few places (maxEndpoints: 8, from Linux 7.2 64) the last are dropped. Foreign are
// the endpoints that are not allroadsd's, with the implicit ones of the kernel. They
// stay, and have their places; one that is equal to a wanted one serves in its stead.
func Draw(a []Assessment, c *config.Config, ids *IDs, maxEndpoints int, foreign []pathmanager.Endpoint) Plan {
	d := drawing{ids: ids, foreign: map[place]pathmanager.Endpoint{}, drawn: map[place]Assessment{}, max: maxEndpoints, others: len(foreign)}
	alive := make([]netip.Addr, 0, len(a))
	for _, assessment := range a {
		alive = append(alive, endpointOf(assessment).Addr)
	}
	ids.Alive(alive...)
	ids.Avoid(foreign)
	for _, e := range foreign {
		d.foreign[placeOf(e)] = e
	}
	d.free = maxEndpoints - d.others - d.replaced(a)
	d.crowded = d.others >= maxEndpoints
	for _, assessment := range d.spread(a) {
		d.draw(assessment)
	}
	d.plan.Limits = limits(d.plan, c.Limits, foreign, uint32(max(maxEndpoints, 0)))
	return d.plan
}

// place is what no two endpoints of the kernel's table have in common.
type place struct {
	addr netip.Addr
	port uint16
}

func placeOf(e pathmanager.Endpoint) place { return place{e.Addr.Unmap(), e.Port} }

type drawing struct {
	ids         *IDs
	foreign     map[place]pathmanager.Endpoint
	drawn       map[place]Assessment
	max, others int  // places, and those that foreign endpoints have
	free        int  // places for endpoints that are not there as foreign ones
	crowded     bool // foreign ones have all places: not even an implicit one is replaced
	plan        Plan
}

// replaced is the one place that has to be free for a moment where a wanted endpoint
// takes that of an implicit one: the kernel looks for room first, and then replaces
// (mptcp_pm_nl_append_new_local_addr).
func (d *drawing) replaced(a []Assessment) int {
	for _, assessment := range a {
		e, taken := d.foreign[placeOf(endpointOf(assessment))]
		if assessment.State == Ready && taken && e.Flags&pathmanager.Implicit != 0 {
			return 1
		}
	}
	return 0
}

func (d *drawing) draw(a Assessment) {
	e := endpointOf(a)
	there, taken := d.foreign[placeOf(e)]
	implicit := taken && there.Flags&pathmanager.Implicit != 0
	first, twice := d.drawn[placeOf(e)]
	reason := cannot(a, e)
	switch {
	case reason != "":
	case twice:
		reason = fmt.Sprintf("%s is announced in the stead of %s already", e.Addr, first.Address.Addr())
	case taken && !implicit && !alike(there, e):
		reason = fmt.Sprintf("endpoint %d, which is not allroadsd's, has this address (%s): it stays as it is", there.ID, words(there))
	case implicit && d.crowded:
		reason = fmt.Sprintf("the kernel has an endpoint of its own for it (implicit, id %d), and replaces that only while one of its %d places is free", there.ID, d.max)
	case !taken && d.free <= 0:
		reason = fmt.Sprintf("the kernel has %d places for endpoints; %s", d.max, d.full())
	default:
		e.ID = d.ids.Of(e.Addr)
		if taken {
			e.ID = there.ID
		}
	}
	if reason == "" && e.ID == 0 {
		reason = "all 255 address ids are in use"
	}
	if reason != "" {
		d.plan.Dropped = append(d.plan.Dropped, Dropped{a, reason})
		return
	}
	if !taken {
		d.free--
	}
	d.drawn[placeOf(e)] = a
	d.plan.Endpoints = append(d.plan.Endpoints, Planned{e, a})
}

// spread are the addresses that are ready. Where there are more than places, each
// interface has one in each family before any has two, at the same role and cost: eight
// paths by one wire are no more than one.
func (d *drawing) spread(a []Assessment) (ready []Assessment) {
	for _, assessment := range a {
		if assessment.State == Ready {
			ready = append(ready, assessment)
		}
	}
	if len(ready) <= d.free {
		return ready
	}
	type wire struct {
		link int
		ipv4 bool
	}
	type turn struct{ class, nth int } // as wanted as others, and which of its wire
	before, turns, class := map[wire]int{}, map[identity]turn{}, 0
	for i, r := range ready {
		if i > 0 && (r.Settings.Role != ready[i-1].Settings.Role || r.Settings.Cost != ready[i-1].Settings.Cost) {
			class++
		}
		w := wire{r.Link.Index, r.Address.Addr().Is4()}
		turns[identityOf(r)] = turn{class, before[w]}
		before[w]++
	}
	slices.SortStableFunc(ready, func(a, b Assessment) int {
		first, second := turns[identityOf(a)], turns[identityOf(b)]
		return cmp.Or(cmp.Compare(first.class, second.class), cmp.Compare(first.nth, second.nth))
	})
	return ready
}

// identity is what no two addresses of a host have in common.
type identity struct {
	link   int
	prefix netip.Prefix
}

func identityOf(a Assessment) identity { return identity{a.Link.Index, a.Address.Prefix} }

// full tells who has the places.
func (d *drawing) full() string {
	switch {
	case d.others == 0:
		return "addresses that are more wanted have them"
	case d.crowded:
		return "none of them is allroadsd's"
	}
	return fmt.Sprintf("%d are not allroadsd's, and addresses that are more wanted have the others", d.others)
}

// cannot tells why the kernel's path manager cannot have an endpoint. For a port it opens
// a listening socket, at that port and of an address of this host.
func cannot(a Assessment, e pathmanager.Endpoint) string {
	announce := a.Settings.Announce
	if e.Port == 0 {
		return ""
	}
	switch {
	case e.Addr != a.Address.Addr():
		return fmt.Sprintf("the kernel can announce a port of its own addresses only, not %s: announce no port, or use the userspace mode",
			netip.AddrPortFrom(e.Addr, e.Port))
	case announce.Listen != 0 && announce.Listen != e.Port:
		return fmt.Sprintf("the kernel listens at the port that it announces, %d, and not at %d: use the userspace mode", e.Port, announce.Listen)
	}
	return ""
}

// endpointOf is the endpoint for an address, without an ID. The kernel wants no signal
// with fullmesh, and a port with signal and without subflow only.
func endpointOf(a Assessment) pathmanager.Endpoint {
	e := pathmanager.Endpoint{Addr: a.Address.Addr(), IfIndex: a.Link.Index, Flags: flags(a.Settings)}
	if announce := a.Settings.Announce; announce != nil && e.Flags&pathmanager.Signal != 0 {
		if announce.Address.IsValid() {
			e.Addr = announce.Address.Unmap()
		}
		e.Port = announce.Port
	}
	return e
}

func flags(settings config.InterfaceSettings) (f pathmanager.Flags) {
	switch settings.Role {
	case config.Use, "":
		f = pathmanager.Subflow
	case config.Backup:
		f = pathmanager.Subflow | pathmanager.Backup
	case config.Laminar:
		f = pathmanager.Laminar
	case config.Signal:
		return pathmanager.Signal
	}
	if settings.Fullmesh {
		f |= pathmanager.Fullmesh
	}
	return f
}

// alike tells whether an endpoint that is there does what a wanted one is to do, whatever
// its id. A kernel before Linux 6.18 drops the flag laminar without a word.
func alike(there, want pathmanager.Endpoint) bool {
	return there.IfIndex == want.IfIndex && (there.Flags == want.Flags || there.Flags == want.Flags&^pathmanager.Laminar)
}
