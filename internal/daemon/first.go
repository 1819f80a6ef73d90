package daemon

import (
	"context"
	"net/netip"
	"slices"

	"allroads/internal/config"
	"allroads/internal/policy"
)

// mostUsedFirst sorts endpoints that are about to be added: first that from which most
// connections began. The kernel looks once in the life of a connection, when the first
// endpoint after its begin is added, which one is that of its initial subflow; of all that
// come later it thinks that there is no subflow from them yet, and makes a second one
// from the initial address (mptcp_pm_create_subflow_or_signal_addr, Linux 6.18).
func (w *worker) mostUsedFirst(changes []policy.Change) {
	adds := lastAdds(changes)
	if w.mode != config.Kernel || len(adds) < 2 {
		return
	}
	live, err := w.allLive(context.Background())
	if err != nil {
		return // The order is as good as any.
	}
	began := map[netip.Addr]int{}
	for i := range live {
		began[live[i].Local.Addr().Unmap()]++
	}
	slices.SortStableFunc(adds, func(a, b policy.Change) int {
		return began[b.Endpoint.Addr.Unmap()] - began[a.Endpoint.Addr.Unmap()]
	})
}

// lastAdds are the last additions in a row that may change places: one without an id takes
// the place of an endpoint of the kernel's, and needs another for a moment.
func lastAdds(changes []policy.Change) []policy.Change {
	end := len(changes)
	for end > 0 && changes[end-1].Kind == policy.SetLimits {
		end--
	}
	begin := end
	for begin > 0 && changes[begin-1].Kind == policy.Add && changes[begin-1].Endpoint.ID != 0 {
		begin--
	}
	return changes[begin:end]
}
