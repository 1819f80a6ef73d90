package daemon

import (
	"time"

	"allroads/internal/metered"
	"allroads/internal/rtnl"
)

// meteredPatience is how long a start waits for what NetworkManager says: without it, an
// address would be used first, and be a backup a moment later. Where no bus listens there
// is nothing to wait for.
const meteredPatience = 250 * time.Millisecond

// watchMetered begins to hear what NetworkManager says of the interfaces of the own
// namespace, and has the news told of each change. For others it is nil.
func watchMetered(p *place, n *news) *metered.Watch {
	if p.ns != nil {
		return nil
	}
	w := metered.Start(func() { wake(n.wake) })
	timer := time.NewTimer(meteredPatience)
	defer timer.Stop()
	select {
	case <-w.Ready():
	case <-timer.C:
	}
	return w
}

// meteredOf is what policy asks. Without a watch nothing is known.
func meteredOf(w *metered.Watch) func(rtnl.Link) *bool {
	if w == nil {
		return nil
	}
	return func(link rtnl.Link) *bool { return w.Of(link.Name) }
}
