package daemon

import (
	"net/netip"
	"time"

	"allroads/internal/config"
	"allroads/internal/control"
	"allroads/internal/policy"
	"allroads/internal/steering"
	"allroads/pathmanager"
)

// kernelPaths leaves connections to the kernel's path manager, which makes subflows by
// the endpoints that it has. What it does not do is to make one again that was lost:
// that is done here, by making the endpoint again.
type kernelPaths struct {
	w           *worker
	connections map[pathmanager.Token]*kernelConn
	live        map[netip.Addr]int // established subflows from each address
	closed      closedConns
	reviver     policy.Reviver
	odd         map[pathmanager.Token]struct{} // connections that lost a subflow without an error
	look        time.Time                      // when to see what became of them; zero: there are none
	waiting     map[pathmanager.Token]struct{} // connections that lack subflows
	missing     time.Time                      // when to see which subflows were never made; zero: none is waited for
	prospects   prospects                      // as they were last
	changed     time.Time                      // when they were others before, or connections were found
	managed     control.Counts
}

func newKernelPaths(w *worker) *kernelPaths {
	return &kernelPaths{
		w: w, connections: map[pathmanager.Token]*kernelConn{}, live: map[netip.Addr]int{}, odd: map[pathmanager.Token]struct{}{},
		waiting: map[pathmanager.Token]struct{}{},
	}
}

// heard keeps account of the subflows, and of those that were lost.
func (k *kernelPaths) heard(now time.Time, events []pathmanager.Event) {
	for i := range events {
		k.event(now, &events[i])
	}
	if len(k.odd) == 0 {
		k.look = time.Time{}
	} else if k.look.IsZero() {
		k.look = now.Add(suspicion)
	}
	k.revive(now)
}

func (k *kernelPaths) event(now time.Time, e *pathmanager.Event) {
	switch e.Type {
	case pathmanager.Created, pathmanager.Established:
		k.begun(e)
		k.expect(now, k.connections[e.Token])
	case pathmanager.SubflowEstablished:
		k.joined(now, e)
	case pathmanager.SubflowClosed:
		k.lost(now, e)
	case pathmanager.SubflowPriority, pathmanager.Announced, pathmanager.Removed:
		if c := k.connections[e.Token]; c != nil {
			c.tell(e)
		}
	case pathmanager.Closed:
		k.gone(e)
	}
}

func (k *kernelPaths) begun(e *pathmanager.Event) {
	c := k.connections[e.Token]
	if c == nil {
		c = &kernelConn{token: e.Token, local: near(e), remote: distant(e), server: e.ServerSide, since: e.Time}
		k.connections[e.Token] = c
		k.add(c, e)
	}
	c.tell(e)
}

// add counts a subflow.
func (k *kernelPaths) add(c *kernelConn, e *pathmanager.Event) {
	if c.add(kernelSubflow{near(e), distant(e), value(e.LocalID), value(e.RemoteID), e.Backup != nil && *e.Backup}) {
		k.live[near(e).Addr()]++
	}
}

func (k *kernelPaths) joined(now time.Time, e *pathmanager.Event) {
	c := k.connections[e.Token]
	if c == nil {
		return
	}
	k.add(c, e)
	c.tell(e)
	c.met(near(e).Addr())
	k.expect(now, c)
	k.managed.Subflows++
	k.reviver.Established(now, near(e).Addr(), e.Token)
}

// lost: an address that is gone takes its subflows along, and so does a connection.
func (k *kernelPaths) lost(now time.Time, e *pathmanager.Event) {
	c := k.connections[e.Token]
	if c == nil {
		return
	}
	local := near(e).Addr()
	if c.remove(near(e), distant(e)) {
		k.drop(local)
	}
	c.tell(e)
	cause := policy.CauseOf(*e)
	if cause == policy.Ended {
		k.odd[e.Token] = struct{}{}
	}
	if k.ours(local) {
		k.managed.Lost++
		c.met(local)
		if cause == policy.Ended { // By a deletion, as a rule: the kernel makes it again, or should.
			k.expect(now, c)
		} else {
			c.missed = append(c.missed, local)
		}
		k.reviver.Lost(now, local, e.Token, cause)
	}
}

// drop takes one from the count of an address.
func (k *kernelPaths) drop(addr netip.Addr) {
	if k.live[addr]--; k.live[addr] <= 0 {
		delete(k.live, addr)
	}
}

func (k *kernelPaths) gone(e *pathmanager.Event) {
	c := k.connections[e.Token]
	if c == nil {
		return
	}
	delete(k.connections, e.Token)
	delete(k.odd, e.Token)
	delete(k.waiting, e.Token)
	for _, s := range c.subflows {
		k.drop(s.local.Addr())
	}
	c.tell(e)
	c.closed = e.Time
	k.closed.add(c)
	k.reviver.Closed(e.Token)
}

// found corrects what is known of the connections.
func (k *kernelPaths) found(now, _ time.Time, live []steering.Live) {
	before := k.connections
	k.connections, k.live = make(map[pathmanager.Token]*kernelConn, len(live)), map[netip.Addr]int{}
	for i := range live {
		c := before[live[i].Token]
		if c == nil {
			c = &kernelConn{token: live[i].Token, local: plain(live[i].Local), remote: plain(live[i].Remote), server: live[i].Side == config.Server, since: now}
		}
		delete(before, live[i].Token)
		c.found(&live[i])
		for _, s := range c.subflows {
			k.live[s.local.Addr()]++
		}
		k.connections[c.token] = c
	}
	for token := range before {
		k.reviver.Closed(token)
		delete(k.odd, token)
	}
	k.changed = now
	k.expectAll(now)
}

func (k *kernelPaths) routes(time.Time)     {}
func (k *kernelPaths) configured(time.Time) {}
func (k *kernelPaths) stop(time.Time)       {}
