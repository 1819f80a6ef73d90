package policy

import (
	"allroads/internal/config"
	"allroads/pathmanager"
)

// limits follow from the number of endpoints, those of others too: at least the kernel's
// own 2, at most its maximum. A fullmesh multiplies them with addresses of the peer that
// nobody knows, so it has the maximum. What the configuration says holds, up to the
// maximum.
func limits(plan Plan, configured config.Limits, foreign []pathmanager.Endpoint, maximum uint32) pathmanager.Limits {
	places := map[place]bool{}
	mesh := false
	count := func(e pathmanager.Endpoint) {
		if e.Flags&pathmanager.Implicit == 0 {
			places[placeOf(e)] = true
			mesh = mesh || e.Flags&pathmanager.Fullmesh != 0
		}
	}
	for _, planned := range plan.Endpoints {
		count(planned.Endpoint)
	}
	for _, e := range foreign {
		count(e)
	}
	n := min(max(uint32(len(places)), 2), maximum)
	l := pathmanager.Limits{Subflows: n, AddAddrAccepted: n}
	if mesh {
		l.Subflows = maximum
	}
	if configured.Subflows != nil {
		l.Subflows = min(*configured.Subflows, maximum)
	}
	if configured.AddAddrAccepted != nil {
		l.AddAddrAccepted = min(*configured.AddAddrAccepted, maximum)
	}
	return l
}
