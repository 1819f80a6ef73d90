// Package pathmanager drives the kernel's MPTCP path manager through its
// generic netlink family, mptcp_pm (uapi/linux/mptcp_pm.h).
package pathmanager

import (
	"context"
	"errors"
	"fmt"
	"os"

	"allroads/internal/nl"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
)

const (
	familyName    = "mptcp_pm"
	familyVersion = 1
)

// ErrNotSupported is what Dial's error wraps when the kernel has no MPTCP path
// manager.
var ErrNotSupported = errors.New("this kernel has no MPTCP path manager: it needs Linux 5.6 or later with CONFIG_MPTCP")

// Conn is a connection to the path manager of one network namespace. It may be
// used by several goroutines; requests go one after the other.
type Conn struct {
	generic *genetlink.Conn
	family  uint16
}

// An Option changes what Dial does.
type Option func(*dialOptions)

type dialOptions struct {
	netns  int
	family string
}

// InNetNS makes Dial connect to the path manager of the network namespace that
// a file descriptor refers to. The descriptor is not used after Dial.
func InNetNS(fd int) Option {
	return func(o *dialOptions) { o.netns = fd }
}

// Dial connects to the path manager of the calling thread's network namespace,
// or of another by InNetNS.
func Dial(ctx context.Context, options ...Option) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	o := dialOptions{family: familyName}
	for _, set := range options {
		set(&o)
	}
	generic, err := nl.DialGeneric(o.netns)
	if err != nil {
		return nil, err
	}
	family, err := generic.GetFamily(o.family)
	if err != nil {
		generic.Close()
		if errors.Is(err, os.ErrNotExist) {
			return nil, ErrNotSupported
		}
		return nil, fmt.Errorf("find netlink family %s: %w", o.family, nl.Kernel(err))
	}
	return &Conn{generic: generic, family: family.ID}, nil
}

// Close closes the connection.
func (c *Conn) Close() error { return c.generic.Close() }

// execute sends one command with the attributes that encode writes.
func (c *Conn) execute(command uint8, flags netlink.HeaderFlags, encode func(*netlink.AttributeEncoder)) ([]genetlink.Message, error) {
	attributes := netlink.NewAttributeEncoder()
	if encode != nil {
		encode(attributes)
	}
	data, err := attributes.Encode()
	if err != nil {
		return nil, err
	}
	replies, err := c.generic.Execute(genetlink.Message{
		Header: genetlink.Header{Command: command, Version: familyVersion},
		Data:   data,
	}, c.family, netlink.Request|flags)
	return replies, nl.Kernel(err)
}
