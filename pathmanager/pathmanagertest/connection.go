package pathmanagertest

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	"allroads/pathmanager"
)

// Subflow is a subflow that was created in a Fake.
type Subflow struct {
	ID            uint8 // of the local address
	Local, Remote netip.AddrPort
	Backup        bool
}

// connection is one under the userspace path manager.
type connection struct {
	endpoints []pathmanager.Endpoint
	subflows  []Subflow
	ports     uint16
}

// Connect makes a connection under the userspace path manager, with its initial
// subflow. One with the same token is forgotten.
func (f *Fake) Connect(token pathmanager.Token, local, remote netip.AddrPort) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.connections == nil {
		f.connections = map[pathmanager.Token]*connection{}
	}
	f.connections[token] = &connection{subflows: []Subflow{{Local: local, Remote: remote}}, ports: 40000}
}

// Disconnect ends a connection.
func (f *Fake) Disconnect(token pathmanager.Token) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.connections, token)
}

// Subflows lists the subflows of a connection, the initial one first.
func (f *Fake) Subflows(token pathmanager.Token) []Subflow {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.connections[token]; c != nil {
		return slices.Clone(c.subflows)
	}
	return nil
}

// find is what calls about a connection begin with; the caller unlocks.
func (f *Fake) find(ctx context.Context, method string, token pathmanager.Token) (*connection, error) {
	if err := f.begin(ctx, method); err != nil {
		return nil, err
	}
	if c := f.connections[token]; c != nil {
		return c, nil
	}
	return nil, invalid("invalid token")
}

// ConnectionEndpoints is as that of Conn.
func (f *Fake) ConnectionEndpoints(ctx context.Context, token pathmanager.Token) ([]pathmanager.Endpoint, error) {
	defer f.mu.Unlock()
	c, err := f.find(ctx, "ConnectionEndpoints", token)
	if err != nil {
		return nil, wrap(err, "list endpoints of connection %s", token)
	}
	return append([]pathmanager.Endpoint{}, c.endpoints...), nil
}

// Announce is as that of Conn.
func (f *Fake) Announce(ctx context.Context, token pathmanager.Token, endpoint pathmanager.Endpoint) error {
	defer f.mu.Unlock()
	endpoint.Flags |= pathmanager.Signal
	c, err := f.find(ctx, "Announce", token)
	if err == nil {
		err = endpoint.Check()
	}
	if err == nil && endpoint.ID == 0 {
		err = invalid("invalid addr id")
	}
	if err == nil {
		err = c.know(endpoint)
	}
	return wrap(err, "announce %s to the peer of connection %s", endpoint.Addr, token)
}

// know remembers an address under its id.
func (c *connection) know(e pathmanager.Endpoint) error {
	for _, known := range c.endpoints {
		addr, id := same(known.Addr, e.Addr), known.ID == e.ID
		if addr && id {
			return nil
		}
		if addr || id {
			return invalid("did not match address and id")
		}
	}
	c.endpoints = append(c.endpoints, e)
	return nil
}

// Withdraw is as that of Conn.
func (f *Fake) Withdraw(ctx context.Context, token pathmanager.Token, id uint8) error {
	defer f.mu.Unlock()
	c, err := f.find(ctx, "Withdraw", token)
	if err == nil {
		err = c.withdraw(id)
	}
	return wrap(err, "withdraw address %d of connection %s", id, token)
}

func (c *connection) withdraw(id uint8) error {
	i := slices.IndexFunc(c.endpoints, func(e pathmanager.Endpoint) bool { return e.ID == id })
	left := slices.DeleteFunc(slices.Clone(c.subflows), func(s Subflow) bool { return s.ID == id })
	if i < 0 && (id != 0 || len(left) == len(c.subflows)) {
		return invalid(fmt.Sprintf("address with id %d not found", id))
	}
	c.subflows = left
	if i >= 0 {
		c.endpoints = slices.Delete(c.endpoints, i, i+1)
	}
	return nil
}
