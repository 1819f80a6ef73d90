package pathmanager

import (
	"context"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// Endpoint is a local address that the path manager may use for subflows or
// announce to the peer.
type Endpoint struct {
	Addr    netip.Addr `json:"address"`        // IPv4 within IPv6 stays what it is
	ID      uint8      `json:"id"`             // 1 to 255; 0 lets the kernel choose when adding
	Flags   Flags      `json:"-"`              // what it is for
	IfIndex int        `json:"-"`              // the interface to send from, 0 for any
	Port    uint16     `json:"port,omitempty"` // to announce, with Signal only; 0 for none
}

// Endpoints lists the namespace's endpoints in ascending order of their ids.
func (c *Conn) Endpoints(ctx context.Context) ([]Endpoint, error) {
	endpoints, err := c.list(ctx, unix.NLM_F_DUMP, nil)
	if err != nil {
		return nil, fmt.Errorf("list endpoints: %w", err)
	}
	return endpoints, nil
}

// Endpoint returns the endpoint with an id, 1 to 255. The error is ErrNotFound
// where none has it.
func (c *Conn) Endpoint(ctx context.Context, id uint8) (Endpoint, error) {
	endpoints, err := c.list(ctx, 0, addressed(Endpoint{ID: id}.encode()))
	if err == nil && len(endpoints) != 1 {
		err = fmt.Errorf("the kernel answers with %d", len(endpoints))
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("read endpoint %d: %w", id, err)
	}
	return endpoints[0], nil
}

// AddEndpoint adds an endpoint. The error is ErrExists where the address or the
// id is taken, and ErrTooMany where the kernel has no room left (8 endpoints, 64
// from Linux 7.2). Flags that the kernel does not know it drops in silence; see
// Features.
func (c *Conn) AddEndpoint(ctx context.Context, endpoint Endpoint) error {
	err := endpoint.Check()
	if err == nil {
		err = c.command(ctx, cmdAddAddr, addressed(endpoint.encode()))
	}
	if err != nil {
		return fmt.Errorf("add endpoint %s: %w", endpoint.Addr, err)
	}
	return nil
}

// DeleteEndpoint deletes the endpoint with an id, and its subflows. Id 0 stands
// for the address from which a connection was made, which addr tells; it is not
// used with other ids. The error is ErrNotFound where no endpoint has the id.
func (c *Conn) DeleteEndpoint(ctx context.Context, id uint8, addr netip.Addr) error {
	named, err := Endpoint{ID: id}, error(nil)
	if id == 0 {
		named.Addr = addr
		err = named.Check()
	}
	if err == nil {
		err = c.command(ctx, cmdDelAddr, addressed(named.encodeWithID()))
	}
	if err != nil {
		return fmt.Errorf("delete endpoint %d: %w", id, err)
	}
	return nil
}

// SetFlags replaces the flags of an endpoint that may change, Backup and
// Fullmesh: those that are absent from flags are cleared. The endpoint is named by
// its ID, or where that is 0 by its Addr and Port. Its subflows are told. The
// error is ErrNotFound where there is no such endpoint.
func (c *Conn) SetFlags(ctx context.Context, e Endpoint, flags Flags) error {
	named, err := Endpoint{ID: e.ID, Flags: flags}, error(nil)
	if e.ID == 0 {
		named.Addr, named.Port = e.Addr, e.Port
		err = named.Check()
	}
	if err == nil {
		err = c.command(ctx, cmdSetFlags, addressed(named.encode()))
	}
	if err != nil {
		return fmt.Errorf("set flags of endpoint %s: %w", e.name(), err)
	}
	return nil
}

func (e Endpoint) name() string {
	if e.ID != 0 {
		return fmt.Sprint(e.ID)
	}
	return e.Addr.String()
}

// Flush deletes all endpoints, and their subflows. Limits stay as they are.
func (c *Conn) Flush(ctx context.Context) error {
	if err := c.command(ctx, cmdFlushAddrs, nil); err != nil {
		return fmt.Errorf("flush endpoints: %w", err)
	}
	return nil
}

// list asks for one endpoint or, as a dump, for all.
func (c *Conn) list(ctx context.Context, flags uint16, message attributes) ([]Endpoint, error) {
	endpoints := make([]Endpoint, 0, 8)
	err := c.request(ctx, cmdGetAddr, flags, message, func(reply []byte) error {
		endpoint, err := decodeEndpoint(reply)
		endpoints = append(endpoints, endpoint)
		return err
	})
	if err != nil {
		return nil, err // A cancelled request may still be adding to the others.
	}
	return endpoints, nil
}

// addressed is a message about one address.
func addressed(address attributes) (message attributes) {
	message.nest(attrAddr, address)
	return message
}
