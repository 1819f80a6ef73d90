package daemon

import (
	"maps"
	"slices"
	"time"

	"allroads/internal/config"
)

// end undoes what the worker did, or leaves it for the next allroadsd to adopt.
func (w *worker) end(now time.Time) {
	if w.manages != nil {
		w.manages.stop(now)
	}
	if w.keep || w.config.OnStop == config.Keep {
		w.log.Info("stopped", "kept", "endpoints, limits, routes, rules and sysctls")
		return
	}
	w.tables.undo(w)
	w.routing.undo(w)
	for _, key := range slices.Sorted(maps.Keys(w.record.Sysctls)) {
		if err := w.unset(key); err != nil {
			w.log.Error("refused", "what", "sysctl "+key, "why", "allroadsd stops", "error", err)
		}
	}
	if len(w.tables.owned) == 0 {
		w.record.IDs = nil
	}
	if err := w.save(); err != nil {
		w.log.Error("cannot write down that nothing is left", "error", err)
	}
	w.log.Info("stopped", "removed", "endpoints, limits, routes, rules and sysctls")
}
