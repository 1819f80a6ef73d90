package steering

import (
	"net/netip"

	"allroads/internal/policy"
)

// path is a subflow, or one that is to be.
type path struct {
	local, remote     netip.AddrPort // as the kernel tells them; the local port is 0 until it is known
	since             moment         // of its state
	asked             moment         // when pending was
	hold              moment         // nothing is asked before: the last command was refused
	next              moment         // when it is tried again, or counts as lost; 0: when something changes
	reason            string         // why it waits, or was given up
	health            *health        // nil: not measured
	link              int32
	tries             uint16 // failures in a row
	cause             policy.Cause
	localID, remoteID uint8
	state             state
	pending           Action // asked for, and not answered; "": nothing

	holds           uint8 // refusals in a row
	initial, backup bool  // its role now, as far as this end asked for it
	made            bool  // here, not by the peer
	gone            bool  // its local address is
	told            bool  // and the peer was told
	wanted          bool  // by the strategy; of the last look
	standby         bool  // but not now
	wantsBackup     bool
	again           bool // it was tried before
	sought          bool // its port was looked for
}

// state of a path.
type state uint8

const (
	idle        state = iota // not joined
	joining                  // asked for
	established              //
	waiting                  // until next, or until something changes
	givenUp                  // until the peer or the configuration changes
)

func (p *path) live() bool { return p.state == joining || p.state == established }

// is tells whether it is between two addresses, whatever the local port.
func (p *path) is(local netip.Addr, remote netip.AddrPort) bool {
	return p.local.Addr().Unmap() == local && plain(p.remote) == remote
}

func (p *path) becomes(state state, now moment) { p.state, p.since, p.next = state, now, 0 }

// find looks for the subflow that an event or sock_diag names: the very one, or else
// one of its addresses that has no port yet.
func (c *connection) find(local, remote netip.AddrPort) *path {
	local, remote = plain(local), plain(remote)
	var fresh *path
	for _, p := range c.paths {
		if !p.is(local.Addr(), remote) {
			continue
		}
		if p.live() && p.local.Port() == local.Port() {
			return p
		}
		if p.local.Port() == 0 && (fresh == nil || p.state == joining && fresh.state != joining) {
			fresh = p
		}
	}
	if fresh != nil && fresh.state == joining {
		return fresh
	}
	return nil
}

// add makes a path.
func (c *connection) add(local, remote netip.AddrPort) *path {
	p := &path{local: local, remote: remote}
	c.paths = append(c.paths, p)
	return p
}

// drop takes a path out.
func (c *connection) drop(p *path) {
	for i, o := range c.paths {
		if o == p {
			copy(c.paths[i:], c.paths[i+1:])
			c.paths[len(c.paths)-1] = nil
			c.paths = c.paths[:len(c.paths)-1]
			return
		}
	}
}

// busy tells whether a command about the same two addresses is under way.
func (c *connection) busy(p *path) bool {
	for _, o := range c.paths {
		if o.pending != "" && o.is(p.local.Addr().Unmap(), plain(p.remote)) {
			return true
		}
	}
	return false
}

// others counts the established subflows beside one.
func (c *connection) others(p *path) (n int) {
	for _, o := range c.paths {
		if o != p && o.state == established && !o.gone && o.pending != Destroy && o.pending != Withdraw {
			n++
		}
	}
	return n
}
