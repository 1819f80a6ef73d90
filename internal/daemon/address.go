package daemon

import (
	"fmt"
	"net/netip"
	"time"

	"allroads/internal/policy"
)

// address is a local address as it was judged last, and since when that holds.
type address struct {
	policy.Assessment
	since time.Time
}

// identity tells an address from others of this host.
type identity struct {
	prefix netip.Prefix
	link   int
}

func (a *address) identity() identity { return identity{a.Address.Prefix, a.Link.Index} }

// assess judges all addresses, and tells of those of which the state has changed.
func (w *worker) assess(now time.Time) {
	before := map[identity]address{}
	for _, a := range w.addresses {
		before[a.identity()] = a
	}
	assessments := policy.Assess(w.picture, w.config, meteredOf(w.metered))
	w.addresses = make([]address, 0, len(assessments))
	for _, assessment := range assessments {
		a := address{assessment, now}
		old, known := before[a.identity()]
		if delete(before, a.identity()); known && old.State == a.State && old.Reason == a.Reason {
			a.since = old.since
		} else {
			w.tellAddress(a, known)
		}
		w.addresses = append(w.addresses, a)
	}
	for _, gone := range before {
		w.log.Info("address gone", "address", gone.Address.Prefix, "interface", gone.Link.Name)
		w.publish("address", fmt.Sprintf("%s on %s is gone", gone.Address.Prefix, gone.Link.Name), "")
	}
}

// tellAddress says what became of an address, and by which rule.
func (w *worker) tellAddress(a address, known bool) {
	if !known && a.State == policy.Left {
		w.log.Debug("address", "address", a.Address.Prefix, "interface", a.Link.Name, "state", a.State, "reason", a.Reason, "rule", a.Rule)
	} else {
		w.log.Info("address", "address", a.Address.Prefix, "interface", a.Link.Name, "state", a.State, "reason", a.Reason, "rule", a.Rule)
	}
	text := fmt.Sprintf("%s on %s: %s", a.Address.Prefix, a.Link.Name, a.State)
	if a.Reason != "" {
		text += ": " + a.Reason
	}
	w.publish("address", text, "rule "+a.Rule)
}

// assessments are the addresses as policy takes them.
func (w *worker) assessments() []policy.Assessment {
	all := make([]policy.Assessment, 0, len(w.addresses))
	for _, a := range w.addresses {
		all = append(all, a.Assessment)
	}
	return all
}
