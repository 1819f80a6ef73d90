package steering

import (
	"errors"
	"strings"
	"syscall"
	"time"

	"allroads/internal/policy"
	"allroads/pathmanager"
)

// done takes what became of a command.
func (s *State) done(d Done) {
	if d.Command.Action == Listen || d.Command.Action == Unlisten {
		s.listened(d)
		return
	}
	c := s.connections[d.Command.Token]
	if c == nil {
		return
	}
	if s.settled(c, d) {
		return
	}
	if c.manager == unclear && d.Err == nil {
		c.manager = userspace
	}
	switch d.Command.Action {
	case Create:
		s.created(c, d)
	case Destroy:
		s.destroyed(c, d)
	case SetPriority:
		s.prioritised(c, d)
	case Withdraw:
		s.withdrew(c, d)
	case Announce:
		s.offered(c, d)
	}
	s.steer(c)
}

// settled deals with answers that are about the connection as a whole.
func (s *State) settled(c *connection, d Done) bool {
	switch {
	case errors.Is(d.Err, pathmanager.ErrNotUserspace):
		s.leaveToKernel(c)
	case lost(d):
		s.close(c, "the kernel does not know it")
	default:
		return false
	}
	return true
}

// leaveToKernel: the connection was made under the kernel's path manager.
func (s *State) leaveToKernel(c *connection) {
	for i := len(c.paths) - 1; i >= 0; i-- {
		if p := c.paths[i]; p.state != established {
			c.drop(p)
		} else {
			p.pending = ""
		}
	}
	if c.manager != kernel {
		c.manager = kernel
		s.counts.Managed--
		c.tell(s.now, isKernels, nil, "it was made under the kernel's path manager")
	}
	s.unwatch(c)
	s.schedule(c)
}

// lost tells whether an answer says that there is no such connection.
func lost(d Done) bool {
	if !errors.Is(d.Err, pathmanager.ErrNotFound) {
		return false
	}
	refusal, ok := errors.AsType[*pathmanager.Error](d.Err)
	if ok && strings.Contains(refusal.Text, "token") {
		return true
	}
	return d.Command.Action == Create || d.Command.Action == Announce
}

// asked finds the path that a command was about.
func (c *connection) asked(d Done, is func(*path) bool) *path {
	for _, p := range c.paths {
		if p.pending == d.Command.Action && is(p) {
			p.pending = ""
			return p
		}
	}
	return nil
}

// created: the kernel began to make a subflow, or refused.
func (s *State) created(c *connection, d Done) {
	p := c.asked(d, func(p *path) bool { return p.is(d.Command.Local.Addr.Unmap(), plain(d.Command.To)) })
	if p == nil || d.Err == nil || p.state != joining {
		return
	}
	cause := policy.CauseOfError(d.Err)
	if why := d.Err.Error(); cause == policy.NoRoute {
		c.tell(s.now, notMade, p, "no route from it by "+s.interfaceOf(p))
	} else {
		c.tell(s.now, notMade, p, why)
	}
	switch {
	case errors.Is(d.Err, syscall.ENOTCONN):
		s.notConnected(c, p)
	case p.asked < s.changed:
		s.rest(p) // The answer is about the network before.
	case mismatch(d.Err):
		c.misnumber(p.localID)
		s.fail(c, p, policy.CauseOfError(d.Err))
	default:
		s.fail(c, p, policy.CauseOfError(d.Err))
	}
}

// notConnected: a connection is not fully established yet, or is being closed.
func (s *State) notConnected(c *connection, p *path) {
	s.rest(p)
	if c.began != 0 {
		c.closing = true
	} else {
		c.established = false
	}
}

// mismatch tells whether the kernel knows an address or an id otherwise.
func mismatch(err error) bool {
	refusal, ok := errors.AsType[*pathmanager.Error](err)
	return ok && strings.Contains(refusal.Text, "did not match address and id")
}

// misnumbered takes the id from a path's address, and gives it to no other.
func (c *connection) misnumber(id uint8) {
	for i := range c.known {
		if c.known[i].id == id {
			c.known[i].addr = bare(c.remote.Addr()) // Not a local address.
		}
	}
}

// destroyed: the kernel closed a subflow, or had closed it before.
func (s *State) destroyed(c *connection, d Done) {
	p := c.asked(d, func(p *path) bool { return p.is(d.Command.From.Addr().Unmap(), plain(d.Command.To)) })
	switch {
	case p == nil:
	case d.Err != nil && !errors.Is(d.Err, pathmanager.ErrNotFound):
		s.refuse(c, p, d.Err)
	case p.state == established && p.local == d.Command.From:
		c.tell(s.now, subflowClosed, p, p.reason)
		if d.Err == nil {
			c.destroys(p)
		}
		s.over(c, p)
	}
}

// over: a subflow was closed here. Where it was stuck, the path is tried again.
func (s *State) over(c *connection, p *path) {
	wait, why := time.Duration(0), ""
	if p.stuck() {
		wait, why = c.pause(p), p.health.why
	}
	s.rest(p)
	if wait != 0 {
		p.becomes(waiting, s.now)
		p.cause, p.reason, p.next = policy.Unanswered, why, s.after(wait)
	}
}

// refuse puts off what the kernel refused.
func (s *State) refuse(c *connection, p *path, err error) {
	c.tell(s.now, refused, p, err.Error())
	p.holds = min(p.holds+1, 6)
	p.hold = s.after(time.Second << (p.holds - 1))
}

func (s *State) prioritised(c *connection, d Done) {
	p := c.asked(d, func(p *path) bool { return p.is(d.Command.From.Addr().Unmap(), plain(d.Command.To)) })
	switch {
	case p == nil || p.local != d.Command.From:
	case d.Err != nil:
		s.refuse(c, p, d.Err)
	default:
		p.backup, p.holds = d.Command.Backup, 0
	}
}

// withdrew: the peer was told that an address is gone. Where the kernel had forgotten
// its id (it does on Destroy) there is nothing more to tell.
func (s *State) withdrew(c *connection, d Done) {
	id := d.Command.Local.ID
	failed := d.Err != nil && !errors.Is(d.Err, pathmanager.ErrNotFound)
	for _, p := range c.paths {
		if p.pending != Withdraw || p.localID != id {
			continue
		}
		p.pending = ""
		if failed {
			s.refuse(c, p, d.Err)
		} else {
			p.told = p.state == established
		}
	}
	s.unoffered(c, id, failed)
	if !failed {
		c.forget(id)
	}
}
