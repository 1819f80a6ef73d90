package pathmanager

import (
	"context"
	"fmt"

	"golang.org/x/sys/unix"
)

// The commands of this file and of subflow.go are for connections that were made
// while the sysctl net.mptcp.path_manager was "userspace" (Linux 5.19); for others
// the error is ErrNotUserspace. The error is ErrNotFound where no connection of the
// namespace has the token. Nothing can be made before a connection is fully
// established, nor once either end has begun to close it.

// ConnectionEndpoints lists the addresses that a connection uses under the
// userspace path manager (Linux 6.9): those that were announced and those that
// subflows were created from. Older kernels list the namespace's endpoints
// instead; see Features.
func (c *Conn) ConnectionEndpoints(ctx context.Context, token Token) ([]Endpoint, error) {
	endpoints, err := c.list(ctx, unix.NLM_F_DUMP, token.message())
	if err != nil {
		return nil, fmt.Errorf("list endpoints of connection %s: %w", token, err)
	}
	return endpoints, nil
}

// Announce tells the peer of a connection an address that it may make subflows
// to (ADD_ADDR, RFC 8684 section 3.4.1). The endpoint's ID is 1 to 255, and none
// that the connection uses for another address. Signal is set here. With a Port
// somebody has to listen there; an IPv6 address with a port has no room beside TCP
// timestamps, and is never sent (Linux 6.18, no error).
func (c *Conn) Announce(ctx context.Context, token Token, endpoint Endpoint) error {
	endpoint.Flags |= Signal
	err := endpoint.Check()
	if err == nil {
		message := token.message()
		message.nest(attrAddr, endpoint.encodeWithID())
		err = c.command(ctx, cmdAnnounce, message)
	}
	if err != nil {
		return fmt.Errorf("announce %s to the peer of connection %s: %w", endpoint.Addr, token, err)
	}
	return nil
}

// Withdraw tells the peer of a connection that an address is gone (REMOVE_ADDR,
// RFC 8684 section 3.4.2), and closes the subflows from it. Id 0 is the address of
// the initial subflow. The error is ErrNotFound where the connection has no such
// address; after DestroySubflow it has lost that of the subflow.
func (c *Conn) Withdraw(ctx context.Context, token Token, id uint8) error {
	message := token.message()
	message.uint8(attrLocID, id)
	if err := c.command(ctx, cmdRemove, message); err != nil {
		return fmt.Errorf("withdraw address %d of connection %s: %w", id, token, err)
	}
	return nil
}

// message begins a message about a connection.
func (t Token) message() attributes {
	a := make(attributes, 0, 128)
	a.uint32(attrToken, uint32(t))
	return a
}
