package daemon

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"allroads/internal/control"
	"allroads/internal/policy"
	"allroads/internal/rtnl"
	"allroads/pathmanager"
)

// network tries what could not be made before, where its prospects are others now. What
// else changes in the network, as containers that come and go do all the time, is no
// reason to.
func (k *kernelPaths) network(now time.Time) {
	if prospects := k.w.prospects(); !prospects.equal(k.prospects) {
		k.prospects, k.changed = prospects, now
		k.reviver.Changed(now)
	}
	k.revive(now)
	k.expectAll(now)
}

// prospects are what it depends on where subflows can be made from: the addresses that
// are ready, with their interfaces, and the default routes.
type prospects struct {
	ready  []identity
	routes []rtnl.Hop
}

func (w *worker) prospects() (p prospects) {
	for _, a := range w.addresses {
		if a.State == policy.Ready {
			p.ready = append(p.ready, a.identity())
		}
	}
	p.routes = w.picture.Defaults
	return p
}

func (p prospects) equal(other prospects) bool {
	return slices.Equal(p.ready, other.ready) && slices.Equal(p.routes, other.routes)
}

// due is when a lost subflow is made again, or an odd loss is looked into.
func (k *kernelPaths) due() (first time.Time, some bool) {
	first, some = k.reviver.Wake()
	if !k.look.IsZero() && (!some || k.look.Before(first)) {
		first, some = k.look, true
	}
	if !k.missing.IsZero() && len(k.waiting) > 0 && (!some || k.missing.Before(first)) {
		first, some = k.missing, true
	}
	return first, some
}

func (k *kernelPaths) tick(now time.Time) {
	if !k.look.IsZero() && !now.Before(k.look) {
		k.inspect(now)
	}
	if !k.missing.IsZero() && !now.Before(k.missing) {
		k.miss(now)
	}
	k.revive(now)
}

// inspect: where connections live on that lost a subflow without an error, the endpoints
// may have been flushed, of which there is no event.
func (k *kernelPaths) inspect(now time.Time) {
	k.look = time.Time{}
	if len(k.odd) > 0 {
		clear(k.odd)
		k.w.tables.reconcile(k.w, now)
	}
}

// revive makes those endpoints again whose subflows were lost, where that closes none.
func (k *kernelPaths) revive(now time.Time) {
	for _, e := range k.reviver.Step(now, k.w.tables.owned, k.live) {
		k.managed.Retried++
		what := fmt.Sprintf("endpoint delete and add id %d %s", e.ID, e.Addr)
		why := "a subflow from it was lost, and the kernel makes none again"
		if err := k.again(e); err != nil {
			k.w.log.Warn("refused", "what", what, "why", why, "error", err, "did", "compare the tables with policy")
			k.w.doubt(now)
			continue
		}
		k.w.log.Info("done", "what", what, "why", why)
		k.w.publish("endpoint", what, why)
	}
}

// again deletes an endpoint and adds it. That it is ours stays written down meanwhile.
func (k *kernelPaths) again(e pathmanager.Endpoint) error {
	ctx, paths := context.Background(), k.w.system.paths
	if err := paths.DeleteEndpoint(ctx, e.ID, e.Addr); err != nil && !errors.Is(err, pathmanager.ErrNotFound) {
		return err
	}
	return paths.AddEndpoint(ctx, e)
}

// ours tells whether subflows from an address are made by an endpoint of allroadsd's.
func (k *kernelPaths) ours(addr netip.Addr) bool {
	return slices.ContainsFunc(k.w.tables.owned, func(e pathmanager.Endpoint) bool { return e.Addr.Unmap() == addr })
}

func (k *kernelPaths) pending() (all []control.Pending) {
	for _, r := range k.reviver.Pending() {
		p := control.Pending{What: fmt.Sprintf("lost subflows from %s (%d connections: %s)", r.Addr, r.Connections, r.Cause), For: r.For, Next: present(r.Next), Tries: r.Tries}
		if r.Connections == 1 {
			p.Token = new(r.Token.String())
		}
		all = append(all, p)
	}
	return all
}

func (k *kernelPaths) list() (all []control.Connection) {
	for _, c := range k.connections {
		all = append(all, c.view(k.w))
	}
	slices.SortFunc(all, byAge)
	return all
}

// byAge is the order of lists: the oldest first.
func byAge(a, b control.Connection) int {
	if order := a.Since.Compare(b.Since); order != 0 {
		return order
	}
	return strings.Compare(a.Token, b.Token)
}

func (k *kernelPaths) story(token pathmanager.Token) (control.Story, bool) {
	c := k.connections[token]
	if c == nil {
		c = k.closed.of(token)
	}
	if c == nil {
		return control.Story{}, false
	}
	return control.Story{Connection: c.view(k.w), Closed: present(c.closed), Entries: c.entries(), Forgotten: c.forgotten}, true
}

func (k *kernelPaths) counts(c *control.Counts) {
	c.Managed = uint64(len(k.connections)) // By endpoints, each of them.
	c.Subflows, c.Lost, c.Retried = k.managed.Subflows, k.managed.Lost, k.managed.Retried
}
