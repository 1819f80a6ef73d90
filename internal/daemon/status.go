package daemon

import (
	"maps"
	"slices"
	"strings"

	"allroads/internal/config"
	"allroads/internal/control"
	"allroads/internal/policy"
	"allroads/internal/rtnl"
	"allroads/pathmanager"
)

// status is what the worker does, in its own goroutine. All of it is copied.
func (w *worker) status() control.Namespace {
	n := control.Namespace{
		Name: w.place.name, Mode: string(w.mode), Limits: w.limits(), Routing: w.describeRouting(),
		Conflicts: slices.Clone(w.conflicts), Losses: w.losses, Pending: w.pending(),
	}
	if w.manager != "" {
		n.PathManager = new(w.manager)
	}
	if try := w.tries[readTables]; try != nil {
		n.Error = new(try.err.Error())
	}
	for i := range w.addresses {
		n.Addresses = append(n.Addresses, w.describe(&w.addresses[i]))
	}
	for _, e := range w.tables.foreign {
		n.Foreign = append(n.Foreign, viewEndpoint(e))
	}
	w.census.fill(&n.Connections)
	w.manages.counts(&n.Connections)
	if kernels := n.Connections.Live - min(n.Connections.Live, n.Connections.Managed); w.mode == config.Userspace && kernels > 0 {
		n.Conflicts = append(n.Conflicts, kernelsOwn(kernels))
	}
	return n
}

// describe says what an address is used for.
func (w *worker) describe(a *address) control.Address {
	d := control.Address{
		Address: a.Address.Prefix.String(), Interface: a.Link.Name, Type: string(a.Type),
		Role: string(a.Settings.Role), Rule: a.Rule, State: string(a.State), Since: a.since,
	}
	if a.Reason != "" {
		d.Reason = new(a.Reason)
	}
	same := func(b policy.Assessment) bool {
		return b.Address.Prefix == a.Address.Prefix && b.Link.Index == a.Link.Index
	}
	for _, dropped := range w.tables.plan.Dropped {
		if same(dropped.Assessment) {
			d.State, d.Reason = "dropped", new(dropped.Reason)
		}
	}
	for _, planned := range w.tables.plan.Endpoints {
		if same(planned.Assessment) {
			w.describeEndpoint(&d, planned.Endpoint)
		}
	}
	return d
}

// describeEndpoint tells what the kernel has, not what it is to have.
func (w *worker) describeEndpoint(d *control.Address, planned pathmanager.Endpoint) {
	for _, e := range w.tables.actual.Endpoints {
		if e.Addr == planned.Addr && e.Port == planned.Port {
			d.EndpointID, d.Flags = new(e.ID), e.Flags.Words()
		}
	}
}

func viewEndpoint(e pathmanager.Endpoint) control.Endpoint {
	d := control.Endpoint{Address: e.Addr.String(), ID: e.ID, Flags: e.Flags.Words()}
	if e.Port != 0 {
		d.Port = new(e.Port)
	}
	return d
}

// limits are those that the kernel has, nil where they could not be read.
func (w *worker) limits() *control.Limits {
	if !w.tables.known {
		return nil
	}
	l := &control.Limits{Subflows: w.tables.actual.Limits.Subflows, AddAddrAccepted: w.tables.actual.Limits.AddAddrAccepted}
	if found := w.record.Limits; found != nil {
		l.Before = &struct {
			Subflows        uint32 `json:"subflows"`
			AddAddrAccepted uint32 `json:"add_addr_accepted"`
		}{found.Subflows, found.AddAddrAccepted}
	}
	return l
}

// pending is all that waits: addresses, what the kernel refused, and paths.
func (w *worker) pending() (all []control.Pending) {
	for _, a := range w.addresses {
		if a.State == policy.Waiting {
			all = append(all, control.Pending{What: a.Address.Addr().String() + " on " + a.Link.Name, For: waitedFor(a.Reason)})
		}
	}
	for what, try := range w.tries {
		next := try.next
		all = append(all, control.Pending{What: what, For: "another attempt: " + try.err.Error(), Next: &next, Tries: try.failures})
	}
	slices.SortStableFunc(all, func(a, b control.Pending) int { return strings.Compare(a.What, b.What) })
	return append(all, w.manages.pending()...)
}

// waitedFor is a reason without what every reason begins with.
func waitedFor(reason string) string { return strings.TrimPrefix(reason, "waiting for ") }

// describeRouting lists what allroadsd has set up, in the words of ip(8) and sysctl(8).
func (w *worker) describeRouting() (all []control.Routing) {
	for _, change := range policy.ReconcileRouting(w.routing.want, &rtnl.Picture{Links: w.picture.Links}) {
		all = append(all, control.Routing{What: routingWords(change), Why: change.Why})
	}
	for _, key := range slices.Sorted(maps.Keys(w.record.Sysctls)) {
		all = append(all, control.Routing{What: "sysctl " + key + "=" + w.value(key), Why: "it was " + w.record.Sysctls[key] + " before"})
	}
	return all
}
