package daemon

import (
	"errors"
	"io/fs"
	"strings"

	"allroads/internal/policy"
	"allroads/internal/rtnl"

	"golang.org/x/sys/unix"
)

// routing are the tables, rules and settings by which packets from an address leave
// through its own interface.
type routing struct {
	want policy.Routing
}

func (r *routing) draw(w *worker) {
	r.want = policy.DrawRouting(w.assessments(), w.picture, w.config)
}

// reconcile makes routes and rules equal to what is wanted, by what the kernel was heard
// to have: what is changed here is heard of, too.
func (r *routing) reconcile(w *worker) {
	for _, change := range policy.ReconcileRouting(r.want, w.picture) {
		w.attempt(routingWords(change), change.Why, func() (bool, error) { return applyRouting(w.system.routes, change) })
	}
}

// undo removes all routes and rules that bear allroadsd's mark: those that were heard of,
// and those that were made just now.
func (r *routing) undo(w *worker) {
	changes := policy.ReconcileRouting(policy.Routing{}, w.system.network.Picture())
	for _, change := range policy.ReconcileRouting(r.want, &rtnl.Picture{}) {
		switch change.Kind {
		case policy.AddRoute:
			change.Kind = policy.DeleteRoute
		case policy.AddRule:
			change.Kind = policy.DeleteRule
		}
		changes = append(changes, change)
	}
	for _, change := range changes {
		what := routingWords(change)
		if removed, err := applyRouting(w.system.routes, change); err != nil {
			w.log.Error("refused", "what", what, "why", "allroadsd stops", "error", err)
		} else if removed {
			w.log.Info("done", "what", what, "why", "allroadsd stops")
		}
	}
}

// applyRouting carries out one change. It is no error where what is to be is so already:
// the picture is a moment behind the kernel.
func applyRouting(r routes, c policy.RoutingChange) (changed bool, err error) {
	switch c.Kind {
	case policy.AddRoute:
		err = r.AddRoute(c.Route)
	case policy.DeleteRoute:
		err = r.DeleteRoute(c.Route)
	case policy.AddRule:
		err = r.AddRule(c.Rule)
	case policy.DeleteRule:
		err = r.DeleteRule(c.Rule)
	}
	gone := c.Kind == policy.DeleteRoute || c.Kind == policy.DeleteRule
	switch {
	case !gone && errors.Is(err, unix.EEXIST), gone && (errors.Is(err, unix.ESRCH) || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENODEV)):
		return false, nil
	}
	return err == nil, err
}

// routingWords are those of ip(8), from the object on.
func routingWords(c policy.RoutingChange) string {
	return strings.TrimPrefix(strings.TrimPrefix(c.String(), "ip "), "-6 ")
}

// loose are the settings that make the kernel take packets which come in by an interface
// that the route back does not lead through, where it would drop them.
func (r *routing) loose(w *worker) (wanted []setting) {
	all := w.value(filterOf("all"))
	for _, name := range r.want.Loose {
		key := filterOf(name)
		_, ours := w.record.Sysctls[key]
		if now := w.value(key); ours || max(now, all) == "1" {
			wanted = append(wanted, setting{key, "2", "strict (1) drops what comes in for addresses with another way back"})
		}
	}
	return wanted
}

// filterOf is the sysctl by which packets from elsewhere are dropped: 0 none, 1 what its own
// interface would not answer, 2 what none would.
func filterOf(name string) string { return "net/ipv4/conf/" + name + "/rp_filter" }

// value is a setting's, "" where there is none.
func (w *worker) value(key string) string {
	value, err := w.system.settings.sysctl(key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		w.log.Debug("setting not known", "error", err)
	}
	return value
}

// kindOf is the kind of event that a change is, by its first word. Sysctls count with what
// they are for.
func kindOf(what string) string {
	kind, rest, _ := strings.Cut(what, " ")
	switch {
	case kind == "sysctl" && strings.Contains(rest, "rp_filter"):
		return "route"
	case kind == "sysctl":
		return "limits"
	}
	return kind
}
