package daemon

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"allroads/internal/config"
	"allroads/internal/policy"
	"allroads/pathmanager"
)

// tables are the kernel's endpoints and limits.
type tables struct {
	plan    policy.Plan
	actual  policy.Actual
	known   bool                   // actual was read
	owned   []pathmanager.Endpoint // those that allroadsd has added, as it did
	foreign []pathmanager.Endpoint // those of others, and the kernel's implicit ones
}

// adopt takes what an earlier allroadsd has left for our own.
func (t *tables) adopt(w *worker) {
	t.owned = w.record.endpoints()
	if len(t.owned) > 0 {
		w.log.Info("adopted", "endpoints", len(t.owned), "from", w.book.path())
	}
}

// reconcile makes the kernel's tables equal to policy.
func (t *tables) reconcile(w *worker, now time.Time) {
	if !w.attempt(readTables, "", func() (bool, error) { return false, t.read(w) }) {
		return
	}
	for range 2 { // A change that makes room may come after one that needs it.
		changes := policy.Reconcile(t.draw(w), t.actual, t.owned)
		if len(changes) == 0 || !t.carryOut(w, changes) {
			break
		}
		if err := t.read(w); err != nil {
			w.doubt(now)
			return
		}
	}
	t.settle(w)
}

// What w.tries call the work on files and lists.
const (
	readTables = "read endpoints and limits"
	writeDown  = "write down what is ours"
)

// read asks for what is there. What was ours and is not there any more is ours no longer,
// and should somebody else add it, theirs.
func (t *tables) read(w *worker) (err error) {
	ctx := context.Background()
	if t.actual.Endpoints, err = w.system.paths.Endpoints(ctx); err != nil {
		return err
	}
	if t.actual.Limits, err = w.system.paths.Limits(ctx); err != nil {
		return err
	}
	t.known = true
	t.owned = slices.DeleteFunc(t.owned, func(e pathmanager.Endpoint) bool { return !slices.ContainsFunc(t.actual.Endpoints, same(e)) })
	t.foreign = nil
	for _, e := range t.actual.Endpoints {
		if !slices.ContainsFunc(t.owned, same(e)) {
			t.foreign = append(t.foreign, e)
		}
	}
	return nil
}

// same is what makes an endpoint the one that was added. Flags may have been changed.
func same(a pathmanager.Endpoint) func(pathmanager.Endpoint) bool {
	return func(b pathmanager.Endpoint) bool {
		return a.Addr == b.Addr && a.ID == b.ID && a.Port == b.Port && (a.Flags|b.Flags)&pathmanager.Implicit == 0
	}
}

// draw is what the tables are to hold: nothing of ours where each connection is managed
// by itself, and then the limits that were found.
func (t *tables) draw(w *worker) policy.Plan {
	if w.mode == config.Kernel {
		t.plan = policy.Draw(w.assessments(), w.config, &w.ids, w.max, t.foreign)
		return t.plan
	}
	t.plan = policy.Plan{Limits: t.actual.Limits}
	if w.record.Limits != nil {
		t.plan.Limits = *w.record.Limits
	}
	return t.plan
}

// carryOut tells whether any change was tried.
func (t *tables) carryOut(w *worker, changes []policy.Change) (tried bool) {
	if err := t.announce(w, changes); err != nil {
		w.attempt(writeDown, "", func() (bool, error) { return false, err })
		return false
	}
	w.mostUsedFirst(changes)
	for _, change := range changes {
		what := words(change)
		due := w.tries.due(what, time.Now())
		w.attempt(what, change.Why, func() (bool, error) { return true, t.apply(w, change) })
		tried = tried || due
	}
	return tried
}

// announce writes down what is about to be added, and the limits that are about to go.
func (t *tables) announce(w *worker, changes []policy.Change) error {
	ahead := slices.Clone(t.owned)
	for _, change := range changes {
		switch {
		case change.Kind == policy.Add:
			ahead = append(ahead, change.Endpoint)
		case change.Kind == policy.SetLimits && w.record.Limits == nil:
			found := t.actual.Limits
			w.record.Limits = &found
		}
	}
	w.record.setEndpoints(ahead)
	w.record.IDs = w.ids.Save()
	return w.save()
}

// apply carries out one change.
func (t *tables) apply(w *worker, c policy.Change) error {
	ctx, paths := context.Background(), w.system.paths
	switch c.Kind {
	case policy.Add:
		if err := paths.AddEndpoint(ctx, c.Endpoint); err != nil {
			return err
		}
		t.owned = append(slices.DeleteFunc(t.owned, same(c.Endpoint)), c.Endpoint)
	case policy.Delete:
		err := paths.DeleteEndpoint(ctx, c.Endpoint.ID, c.Endpoint.Addr)
		if err != nil && !errors.Is(err, pathmanager.ErrNotFound) {
			return err
		}
		t.owned = slices.DeleteFunc(t.owned, same(c.Endpoint))
		if k, kernel := w.manages.(*kernelPaths); kernel {
			k.reviver.Left(c.Endpoint.Addr)
		}
	case policy.SetFlags:
		return paths.SetFlags(ctx, c.Endpoint, c.Endpoint.Flags)
	case policy.SetLimits:
		return paths.SetLimits(ctx, c.Limits)
	}
	return nil
}

// settle writes down what is ours now, where that differs from what was written.
func (t *tables) settle(w *worker) {
	if w.mode == config.Userspace && w.record.Limits != nil && t.actual.Limits == *w.record.Limits {
		w.record.Limits = nil
	}
	before := w.record.Endpoints
	w.record.setEndpoints(t.owned)
	if w.tries[writeDown] != nil || !slices.Equal(before, w.record.Endpoints) {
		w.attempt(writeDown, "", func() (bool, error) { return false, w.save() })
	}
}

// undo takes all away that is ours, as far as the kernel lets it.
func (t *tables) undo(w *worker) {
	if err := t.read(w); err != nil {
		w.log.Error("cannot remove endpoints", "error", err)
		return
	}
	plan := policy.Plan{Limits: t.actual.Limits}
	if w.record.Limits != nil {
		plan.Limits = *w.record.Limits
	}
	for _, change := range policy.Reconcile(plan, t.actual, t.owned) {
		what := words(change)
		if err := t.apply(w, change); err != nil {
			w.log.Error("refused", "what", what, "why", "allroadsd stops", "error", err)
		} else {
			w.log.Info("done", "what", what, "why", "allroadsd stops")
		}
	}
	w.record.Limits = nil
	w.record.setEndpoints(t.owned)
}

// words are those of ip-mptcp(8), without the name of the program.
func words(c policy.Change) string { return strings.TrimPrefix(c.String(), "ip mptcp ") }
