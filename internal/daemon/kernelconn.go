package daemon

import (
	"net/netip"
	"slices"
	"time"

	"allroads/internal/config"
	"allroads/internal/control"
	"allroads/internal/steering"
	"allroads/pathmanager"
)

// kernelConn is a connection that the kernel manages, as it was heard of.
type kernelConn struct {
	token         pathmanager.Token
	local, remote netip.AddrPort
	server        bool
	since, closed time.Time
	subflows      []kernelSubflow
	missed        []netip.Addr        // of endpoints from which there is none, and that the reviver knows of
	story         []pathmanager.Event // in the kernel's words
	forgotten     int
}

// kernelSubflow is one that is established.
type kernelSubflow struct {
	local, remote     netip.AddrPort
	localID, remoteID uint8
	backup            bool
}

// storyKept is how many events of a connection are kept. The first ones stay.
const storyKept = 32

func (c *kernelConn) tell(e *pathmanager.Event) {
	if len(c.story) >= storyKept {
		c.story = slices.Delete(c.story, storyKept/2, storyKept/2+1)
		c.forgotten++
	}
	c.story = append(c.story, *e)
}

// add tells whether a subflow was not known.
func (c *kernelConn) add(s kernelSubflow) bool {
	if c.index(s.local, s.remote) >= 0 {
		return false
	}
	c.subflows = append(c.subflows, s)
	return true
}

func (c *kernelConn) remove(local, remote netip.AddrPort) bool {
	i := c.index(local, remote)
	if i >= 0 {
		c.subflows = slices.Delete(c.subflows, i, i+1)
	}
	return i >= 0
}

func (c *kernelConn) index(local, remote netip.AddrPort) int {
	return slices.IndexFunc(c.subflows, func(s kernelSubflow) bool { return s.local == local && s.remote == remote })
}

// found takes the subflows that sock_diag has.
func (c *kernelConn) found(l *steering.Live) {
	c.subflows = c.subflows[:0]
	for _, s := range l.Subflows {
		if s.Established {
			c.subflows = append(c.subflows, kernelSubflow{plain(s.Local), plain(s.Remote), s.LocalID, s.RemoteID, s.Backup})
		}
	}
}

// view is the connection as the API tells it.
func (c *kernelConn) view(w *worker) control.Connection {
	view := control.Connection{
		Namespace: w.place.name, Token: c.token.String(), Side: string(config.Client), Local: c.local.String(), Remote: c.remote.String(),
		Manager: "kernel", Since: c.since, Paths: []control.Path{},
	}
	if c.server {
		view.Side = string(config.Server)
	}
	for _, s := range c.subflows {
		view.Paths = append(view.Paths, control.Path{
			Local: s.local.String(), Interface: w.interfaceOf(s.local.Addr()), Remote: s.remote.String(), LocalID: s.localID, RemoteID: s.remoteID,
			State: steering.PathEstablished, Backup: s.backup,
		})
	}
	return view
}

// entries are its story in words.
func (c *kernelConn) entries() (all []control.Entry) {
	for i := range c.story {
		_, text := wordsOf(&c.story[i])
		all = append(all, control.Entry{Time: c.story[i].Time, What: text, Why: causeOf(&c.story[i])})
	}
	return all
}

// interfaceOf is the name of the interface that has an address.
func (w *worker) interfaceOf(addr netip.Addr) string {
	for _, a := range w.picture.Addresses {
		if a.Addr() == addr {
			return w.picture.Links[a.Link].Name
		}
	}
	return ""
}

// closedConns keeps the connections that ended last.
type closedConns struct {
	ring [256]*kernelConn
	next int
}

func (r *closedConns) add(c *kernelConn) {
	r.ring[r.next] = c
	r.next = (r.next + 1) % len(r.ring)
}

func (r *closedConns) of(token pathmanager.Token) *kernelConn {
	for i := range r.ring {
		if c := r.ring[(r.next-1-i+2*len(r.ring))%len(r.ring)]; c != nil && c.token == token {
			return c
		}
	}
	return nil
}

func near(e *pathmanager.Event) netip.AddrPort {
	return netip.AddrPortFrom(e.Source.Unmap(), value(e.SourcePort))
}

func distant(e *pathmanager.Event) netip.AddrPort {
	return netip.AddrPortFrom(e.Destination.Unmap(), value(e.DestinationPort))
}

func plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// value is 0 for what the kernel did not tell.
func value[T uint8 | uint16](v *T) T {
	if v == nil {
		return 0
	}
	return *v
}
