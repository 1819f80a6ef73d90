// Package rtnl configures the links, addresses, routes and queueing disciplines of one
// network namespace through rtnetlink, and observes them.
package rtnl

import (
	"errors"
	"fmt"

	"allroads/internal/nl"

	"github.com/jsimonetti/rtnetlink/v2"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Conn talks to the kernel about one network namespace. It may be used by
// several goroutines; requests go one after the other.
type Conn struct {
	route    *rtnetlink.Conn
	requests *requests // for Lookup
}

// Dial opens a connection to the network namespace that the file descriptor
// netns refers to, 0 for the caller's own. The descriptor is not used after Dial.
func Dial(netns int) (*Conn, error) {
	route, err := rtnetlink.Dial(nl.Config(netns))
	if err != nil {
		return nil, fmt.Errorf("open rtnetlink socket: %w", nl.Kernel(err))
	}
	lookups, err := openRequests(netns)
	if err != nil {
		route.Close()
		return nil, err
	}
	return &Conn{route: route, requests: lookups}, nil
}

// Close closes the connection.
func (c *Conn) Close() error { return errors.Join(c.route.Close(), c.requests.close()) }

// LinkIndex returns the index of the interface with a name. It asks the kernel
// each time: an interface may have been made again or renamed.
func (c *Conn) LinkIndex(name string) (int, error) {
	link, err := c.link(name)
	if err != nil {
		return 0, err
	}
	return int(link.Index), nil
}

func (c *Conn) link(name string) (*rtnetlink.LinkMessage, error) {
	request := &rtnetlink.LinkMessage{Attributes: &rtnetlink.LinkAttributes{Name: name}}
	replies, err := c.route.Execute(request, unix.RTM_GETLINK, netlink.Request)
	if err != nil {
		return nil, fmt.Errorf("find interface %s: %w", name, nl.Kernel(err))
	}
	for _, reply := range replies {
		if link, ok := reply.(*rtnetlink.LinkMessage); ok && link.Attributes != nil {
			return link, nil
		}
	}
	return nil, fmt.Errorf("find interface %s: %w", name, unix.ENODEV)
}
