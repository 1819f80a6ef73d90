package pathmanagertest

import (
	"context"
	"net/netip"
	"slices"
	"syscall"

	"allroads/pathmanager"
)

// CreateSubflow is as that of Conn. The subflow is there at once, from a port
// that Subflows tells.
func (f *Fake) CreateSubflow(ctx context.Context, token pathmanager.Token, local pathmanager.Endpoint, remote netip.AddrPort) error {
	defer f.mu.Unlock()
	c, err := f.find(ctx, "CreateSubflow", token)
	if err == nil {
		err = c.create(local, remote)
	}
	return wrap(err, "create subflow of connection %s from %s to %s", token, local.Addr, remote)
}

func (c *connection) create(local pathmanager.Endpoint, remote netip.AddrPort) error {
	if err := local.Check(); err != nil {
		return err
	}
	if local.Flags&pathmanager.Signal != 0 {
		return invalid("invalid addr flags")
	}
	local.Flags |= pathmanager.Subflow
	if err := c.know(local); err != nil {
		return err
	}
	c.ports++
	c.subflows = append(c.subflows, Subflow{
		ID: local.ID, Local: netip.AddrPortFrom(local.Addr, c.ports), Remote: remote,
		Backup: local.Flags&pathmanager.Backup != 0,
	})
	return nil
}

// DestroySubflow is as that of Conn: the local address is forgotten, too.
func (f *Fake) DestroySubflow(ctx context.Context, token pathmanager.Token, local, remote netip.AddrPort) error {
	defer f.mu.Unlock()
	c, err := f.find(ctx, "DestroySubflow", token)
	if err == nil {
		err = c.destroy(local, remote)
	}
	return wrap(err, "destroy subflow of connection %s from %s to %s", token, local, remote)
}

func (c *connection) destroy(local, remote netip.AddrPort) error {
	switch {
	case local.Port() == 0:
		return invalid("missing local port")
	case remote.Port() == 0:
		return invalid("missing remote port")
	}
	i := c.subflow(local, remote)
	if i < 0 {
		return &pathmanager.Error{Errno: syscall.ESRCH, Text: "subflow not found"}
	}
	id := c.subflows[i].ID
	c.subflows = slices.Delete(c.subflows, i, i+1)
	c.endpoints = slices.DeleteFunc(c.endpoints, func(e pathmanager.Endpoint) bool { return e.ID == id })
	return nil
}

// SetPriority is as that of Conn.
func (f *Fake) SetPriority(ctx context.Context, token pathmanager.Token, local, remote netip.AddrPort, backup bool) error {
	defer f.mu.Unlock()
	c, err := f.find(ctx, "SetPriority", token)
	if err == nil {
		err = c.prioritise(local, remote, backup)
	}
	return wrap(err, "set priority of the subflow of connection %s from %s to %s", token, local, remote)
}

// prioritise marks the address even where there is no such subflow, as the kernel
// does.
func (c *connection) prioritise(local, remote netip.AddrPort, backup bool) error {
	for i := range c.endpoints {
		if e := &c.endpoints[i]; same(e.Addr, local.Addr()) {
			e.Flags &^= pathmanager.Backup
			if backup {
				e.Flags |= pathmanager.Backup
			}
		}
	}
	i := c.subflow(local, remote)
	if i < 0 {
		return invalid("subflow not found")
	}
	c.subflows[i].Backup = backup
	return nil
}

// subflow finds a subflow by its ends; a port of 0 is any.
func (c *connection) subflow(local, remote netip.AddrPort) int {
	is := func(a, b netip.AddrPort) bool {
		return same(a.Addr(), b.Addr()) && (b.Port() == 0 || a.Port() == b.Port())
	}
	return slices.IndexFunc(c.subflows, func(s Subflow) bool { return is(s.Local, local) && is(s.Remote, remote) })
}
