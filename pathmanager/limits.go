package pathmanager

import (
	"context"
	"encoding/binary"
	"fmt"
)

// Limits bound what the in-kernel path manager does per connection.
type Limits struct {
	// Subflows is how many subflows a connection may have beside its initial
	// one, 0 to 8 (64 from Linux 7.2).
	Subflows uint32 `json:"subflows"`
	// AddAddrAccepted is for how many announced addresses (ADD_ADDR) of the
	// peer subflows are made, 0 to 8 (64 from Linux 7.2).
	AddAddrAccepted uint32 `json:"add_addr_accepted"`
}

// LimitsChange is a change of limits. Those that are nil stay as they are.
type LimitsChange struct {
	Subflows, AddAddrAccepted *uint32
}

// Limits reads the namespace's limits.
func (c *Conn) Limits(ctx context.Context) (Limits, error) {
	read := new(Limits) // A cancelled request may still write it.
	if err := c.request(ctx, cmdGetLimits, 0, nil, read.decode); err != nil {
		return Limits{}, fmt.Errorf("read limits: %w", err)
	}
	return *read, nil
}

func (l *Limits) decode(reply []byte) error {
	for message := attributes(reply); len(message) > 0; {
		number, value, err := message.next()
		if err == nil && (number == attrRcvAddAddrs || number == attrSubflows) {
			err = sized(number, value, 4)
		}
		if err != nil {
			return fmt.Errorf("read the kernel's answer: %w", err)
		}
		switch number {
		case attrRcvAddAddrs:
			l.AddAddrAccepted = binary.NativeEndian.Uint32(value)
		case attrSubflows:
			l.Subflows = binary.NativeEndian.Uint32(value)
		}
	}
	return nil
}

// SetLimits sets both limits. Where one is above the kernel's maximum the error
// is ErrTooMany, and neither has changed.
func (c *Conn) SetLimits(ctx context.Context, limits Limits) error {
	return c.ChangeLimits(ctx, LimitsChange{Subflows: &limits.Subflows, AddAddrAccepted: &limits.AddAddrAccepted})
}

// ChangeLimits is SetLimits for one limit, or both, or none.
func (c *Conn) ChangeLimits(ctx context.Context, change LimitsChange) error {
	var message attributes
	if n := change.AddAddrAccepted; n != nil {
		message.uint32(attrRcvAddAddrs, *n)
	}
	if n := change.Subflows; n != nil {
		message.uint32(attrSubflows, *n)
	}
	if err := c.command(ctx, cmdSetLimits, message); err != nil {
		return fmt.Errorf("set limits%s: %w", change, err)
	}
	return nil
}

// String gives the change as arguments of `ip mptcp limits set`, each with a
// space before it.
func (c LimitsChange) String() (words string) {
	if c.Subflows != nil {
		words += fmt.Sprintf(" subflows %d", *c.Subflows)
	}
	if c.AddAddrAccepted != nil {
		words += fmt.Sprintf(" add_addr_accepted %d", *c.AddAddrAccepted)
	}
	return words
}
