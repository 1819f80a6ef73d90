package ipmptcp

import (
	"fmt"

	"allroads/internal/netns"
	"allroads/internal/nl"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// Attributes of RTM_GETNSID (uapi/linux/net_namespace.h).
const (
	attrNSID   = 1
	attrNSFile = 3
)

// ids asks a namespace for the ids that others have in it.
type ids struct{ *netlink.Conn }

func openIDs(ns int) (ids, error) {
	conn, err := netlink.Dial(unix.NETLINK_ROUTE, nl.Config(ns))
	if err != nil {
		return ids{}, fmt.Errorf("open route netlink socket: %w", nl.Kernel(err))
	}
	return ids{conn}, nil
}

// of returns the id of a namespace, if it has one.
func (i ids) of(ns *netns.NS) (nsid int32, ok bool) {
	attributes := netlink.NewAttributeEncoder()
	attributes.Uint32(attrNSFile, uint32(ns.Fd()))
	data, err := attributes.Encode()
	if err != nil {
		return 0, false
	}
	replies, err := i.Execute(netlink.Message{
		Header: netlink.Header{Type: unix.RTM_GETNSID, Flags: netlink.Request},
		Data:   append(make([]byte, 4), data...), // struct rtgenmsg, filled up
	})
	if err != nil {
		return 0, false
	}
	for _, reply := range replies {
		nsid, ok = decodeID(reply.Data)
	}
	return nsid, ok && nsid >= 0
}

func decodeID(data []byte) (int32, bool) {
	if len(data) < 4 {
		return 0, false
	}
	attributes, err := netlink.NewAttributeDecoder(data[4:])
	if err != nil {
		return 0, false
	}
	for attributes.Next() {
		if attributes.Type() == attrNSID {
			id := attributes.Int32()
			return id, attributes.Err() == nil
		}
	}
	return 0, false
}
