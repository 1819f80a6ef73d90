package policy

import (
	"fmt"
	"slices"

	"allroads/pathmanager"
)

// inPlace are the flags that the kernel changes without deleting the endpoint.
const inPlace = pathmanager.Backup | pathmanager.Fullmesh

// Reconcile tells how to come from what is to what is planned, with as few changes as it
// takes and in the order in which they are to be carried out. What no entry of owned names
// (by id, address and port; by address and port where its id is 0) is not touched.
// Where a change is refused, the others may follow; the next Reconcile makes up for it.
//
// First goes what is no longer wanted, so that there is room; limits rise before
// endpoints come, since the kernel makes their subflows at once, and fall afterwards. An
// endpoint that is there keeps its id, even if the plan has another.
func Reconcile(plan Plan, actual Actual, owned []pathmanager.Endpoint) []Change {
	r := reconciling{plan: plan, there: map[place]pathmanager.Endpoint{}, ids: map[uint8]bool{}}
	wanted := map[place]bool{}
	for _, planned := range plan.Endpoints {
		wanted[placeOf(planned.Endpoint)] = true
	}
	for _, e := range actual.Endpoints {
		if isOwned(e, owned) && !wanted[placeOf(e)] {
			r.stale = append(r.stale, Change{Kind: Delete, Endpoint: e, Why: "it is no longer wanted"})
			continue
		}
		r.there[placeOf(e)], r.ids[e.ID] = e, true
	}
	for _, planned := range plan.Endpoints {
		r.endpoint(planned, owned)
	}
	slices.SortFunc(r.stale, func(a, b Change) int { return int(a.Endpoint.ID) - int(b.Endpoint.ID) })
	return r.changes(actual.Limits)
}

type reconciling struct {
	plan  Plan
	there map[place]pathmanager.Endpoint // what stays at first
	ids   map[uint8]bool                 // that are taken by it, and by what is added

	stale, flags, replaced, again, added []Change
}

// isOwned: an implicit endpoint is always the kernel's.
func isOwned(e pathmanager.Endpoint, owned []pathmanager.Endpoint) bool {
	return e.Flags&pathmanager.Implicit == 0 && slices.ContainsFunc(owned, func(o pathmanager.Endpoint) bool {
		return placeOf(o) == placeOf(e) && (o.ID == e.ID || o.ID == 0)
	})
}

func (r *reconciling) endpoint(planned Planned, owned []pathmanager.Endpoint) {
	want, device := planned.Endpoint, planned.Assessment.Link.Name
	there, taken := r.there[placeOf(want)]
	switch {
	case !taken:
		want.ID = r.id(want.ID)
		r.added = append(r.added, Change{Kind: Add, Endpoint: want, Device: device, Why: wish(planned)})
	case there.Flags&pathmanager.Implicit != 0:
		want.ID = 0
		r.replaced = append(r.replaced, Change{Kind: Add, Endpoint: want, Device: device,
			Why: wish(planned) + "; it replaces the kernel's implicit endpoint"})
	case !isOwned(there, owned) || alike(there, want):
	case there.IfIndex == want.IfIndex && (there.Flags^want.Flags)&^inPlace == 0:
		want.ID = there.ID
		r.flags = append(r.flags, Change{Kind: SetFlags, Endpoint: want, Device: device,
			Why: fmt.Sprintf("it is to be %s, and is %s", words(want), words(there))})
	default:
		want.ID = there.ID
		r.again = append(r.again,
			Change{Kind: Delete, Endpoint: there, Device: device, Why: difference(there, want)},
			Change{Kind: Add, Endpoint: want, Device: device, Why: wish(planned)})
	}
}

// id is the planned one if it is free, else the lowest that is free and not planned.
func (r *reconciling) id(planned uint8) uint8 {
	id := planned
	if id == 0 || r.ids[id] {
		for id = 1; id < 255 && (r.ids[id] || r.isPlanned(id)); id++ {
		}
	}
	r.ids[id] = true
	return id
}

func (r *reconciling) isPlanned(id uint8) bool {
	return slices.ContainsFunc(r.plan.Endpoints, func(p Planned) bool { return p.Endpoint.ID == id })
}

// changes puts all in order. What replaces an implicit endpoint needs a free place for a
// moment, so it comes before what fills the table.
func (r *reconciling) changes(now pathmanager.Limits) []Change {
	raised := pathmanager.Limits{
		Subflows:        max(now.Subflows, r.plan.Limits.Subflows),
		AddAddrAccepted: max(now.AddAddrAccepted, r.plan.Limits.AddAddrAccepted),
	}
	changes := r.stale
	if raised != now {
		changes = append(changes, Change{Kind: SetLimits, Limits: raised, Why: because(now, raised)})
	}
	changes = slices.Concat(changes, r.flags, r.replaced, r.again, r.added)
	if raised != r.plan.Limits {
		changes = append(changes, Change{Kind: SetLimits, Limits: r.plan.Limits, Why: because(raised, r.plan.Limits)})
	}
	return changes
}
