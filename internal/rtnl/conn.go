// Package rtnl configures the links, addresses and queueing disciplines of one
// network namespace through rtnetlink.
package rtnl

import (
	"fmt"

	"allroads/internal/nl"

	"github.com/jsimonetti/rtnetlink/v2"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Conn talks to the kernel about one network namespace. It is not safe for
// concurrent use.
type Conn struct {
	route *rtnetlink.Conn
	tc    *netlink.Conn  // the library has no traffic control; opened when needed
	netns int            // file descriptor of the namespace, 0 for the caller's
	index map[string]int // interface indexes already asked for
}

// Dial opens a connection to the network namespace that the file descriptor
// netns refers to, 0 for the caller's own.
func Dial(netns int) (*Conn, error) {
	route, err := rtnetlink.Dial(nl.Config(netns))
	if err != nil {
		return nil, fmt.Errorf("open rtnetlink socket: %w", nl.Kernel(err))
	}
	return &Conn{route: route, netns: netns, index: map[string]int{}}, nil
}

// Close closes the connection.
func (c *Conn) Close() error {
	if c.tc != nil {
		c.tc.Close()
	}
	return c.route.Close()
}

// LinkIndex returns the index of the interface with a name.
func (c *Conn) LinkIndex(name string) (int, error) {
	if index, ok := c.index[name]; ok {
		return index, nil
	}
	request := &rtnetlink.LinkMessage{Attributes: &rtnetlink.LinkAttributes{Name: name}}
	replies, err := c.route.Execute(request, unix.RTM_GETLINK, netlink.Request)
	if err != nil {
		return 0, fmt.Errorf("find interface %s: %w", name, nl.Kernel(err))
	}
	for _, reply := range replies {
		if link, ok := reply.(*rtnetlink.LinkMessage); ok {
			c.index[name] = int(link.Index)
			return int(link.Index), nil
		}
	}
	return 0, fmt.Errorf("find interface %s: %w", name, unix.ENODEV)
}
