package daemon

import (
	"net/netip"
	"slices"
	"time"

	"allroads/internal/policy"
	"allroads/pathmanager"
)

// enough is how long the kernel has to make the subflows of a connection, or those of a
// new endpoint. There is no event for one that was begun and never established.
const enough = 3 * time.Second

// expect has it looked for the subflows of a connection that this host began, once there
// was time to make them. Where all are there, nothing is waited for.
func (k *kernelPaths) expect(now time.Time, c *kernelConn) {
	if c.server || !k.lacking(c) {
		delete(k.waiting, c.token)
		return
	}
	k.waiting[c.token] = struct{}{}
	if k.missing.IsZero() {
		k.missing = now.Add(enough)
	}
}

// expectAll is for endpoints that may have changed, and connections that were found.
func (k *kernelPaths) expectAll(now time.Time) {
	for _, c := range k.connections {
		k.expect(now, c)
	}
}

// lacking tells whether the reviver does not know yet of a subflow that there is not.
func (k *kernelPaths) lacking(c *kernelConn) bool {
	return len(c.subflows) <= int(k.w.tables.actual.Limits.Subflows) &&
		slices.ContainsFunc(k.w.tables.owned, func(e pathmanager.Endpoint) bool { return c.lacks(e) && !slices.Contains(c.missed, e.Addr.Unmap()) })
}

// miss tells the reviver of the subflows that were not made, once. What becomes of them
// then is its business.
func (k *kernelPaths) miss(now time.Time) {
	k.missing = time.Time{}
	for token := range k.waiting {
		c := k.connections[token]
		if c == nil {
			delete(k.waiting, token)
			continue
		}
		if now.Sub(c.since) < enough || now.Sub(k.changed) < enough {
			k.expect(now, c)
			continue
		}
		for _, e := range k.w.tables.owned {
			if addr := e.Addr.Unmap(); c.lacks(e) && !slices.Contains(c.missed, addr) {
				c.missed = append(c.missed, addr)
				k.reviver.Lost(now, addr, c.token, policy.Unanswered)
			}
		}
		delete(k.waiting, token)
	}
}

// lacks tells whether the kernel should have made a subflow from an endpoint, and there
// is none. Those of the other family may have nowhere to go.
func (c *kernelConn) lacks(e pathmanager.Endpoint) bool {
	addr := e.Addr.Unmap()
	return e.Flags&pathmanager.Subflow != 0 && addr.Is4() == c.remote.Addr().Is4() && addr != c.local.Addr() &&
		!slices.ContainsFunc(c.subflows, func(s kernelSubflow) bool { return s.local.Addr() == addr })
}

// met forgets that a subflow was missing.
func (c *kernelConn) met(addr netip.Addr) {
	c.missed = slices.DeleteFunc(c.missed, func(a netip.Addr) bool { return a == addr })
}
