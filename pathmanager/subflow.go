package pathmanager

import (
	"context"
	"fmt"
	"net/netip"
)

// CreateSubflow begins a subflow of a connection, from a local address to one of
// the peer's. Whether the peer takes it is told by the events SubflowEstablished
// and SubflowClosed, the latter with an errno. An address that the connection knows
// has to have the ID that it has. Of the local endpoint's Flags Backup and Fullmesh
// count, and its Port has to be 0 because the kernel chooses it.
func (c *Conn) CreateSubflow(ctx context.Context, token Token, local Endpoint, remote netip.AddrPort) error {
	err := c.between(ctx, cmdSubflowCreate, token, local, remote)
	if err != nil {
		return fmt.Errorf("create subflow of connection %s from %s to %s: %w", token, local.Addr, remote, err)
	}
	return nil
}

// DestroySubflow closes a subflow. The error is ErrNotFound where the connection
// has none from local to remote. The kernel also forgets the local address, though
// other subflows or the peer may still use it: whoever wants to withdraw it has to
// do that before (Linux 6.18; mptcp_net-next issue 403).
func (c *Conn) DestroySubflow(ctx context.Context, token Token, local, remote netip.AddrPort) error {
	err := c.between(ctx, cmdSubflowDestroy, token, end(local), remote)
	if err != nil {
		return fmt.Errorf("destroy subflow of connection %s from %s to %s: %w", token, local, remote, err)
	}
	return nil
}

// SetPriority asks the peer to use a subflow as a backup, or no longer (MP_PRIO,
// RFC 8684 section 3.3.8), and does so itself. Where the port of local is 0, any
// subflow from its address is meant.
func (c *Conn) SetPriority(ctx context.Context, token Token, local, remote netip.AddrPort, backup bool) error {
	from := end(local)
	if backup {
		from.Flags = Backup
	}
	err := c.between(ctx, cmdSetFlags, token, from, remote)
	if err != nil {
		return fmt.Errorf("set priority of the subflow of connection %s from %s to %s: %w", token, local, remote, err)
	}
	return nil
}

// between gives a command about a local address and one of the peer.
func (c *Conn) between(ctx context.Context, number uint8, token Token, local Endpoint, remote netip.AddrPort) error {
	for _, e := range []Endpoint{local, end(remote)} {
		if err := e.Check(); err != nil {
			return err
		}
	}
	message := token.message()
	address := local.encode()
	if number == cmdSubflowCreate {
		address = local.encodeWithID()
	}
	message.nest(attrAddr, address)
	message.nest(attrAddrRemote, end(remote).encode())
	return c.command(ctx, number, message)
}

// end is one end of a subflow.
func end(at netip.AddrPort) Endpoint { return Endpoint{Addr: at.Addr(), Port: at.Port()} }
