package rtnl

import (
	"errors"
	"os"

	"allroads/internal/nl"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// wirelessLinks asks nl80211 for the interfaces it knows. A kernel without it has
// none; the module may come later, with the first card, so it is asked for each time.
func (o *Observer) wirelessLinks() (map[int]bool, error) {
	family, err := o.generic.GetFamily("nl80211")
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, nl.Kernel(err)
	}
	request := genetlink.Message{Header: genetlink.Header{Command: unix.NL80211_CMD_GET_INTERFACE, Version: 1}}
	replies, err := o.generic.Execute(request, family.ID, netlink.Request|netlink.Dump)
	links := map[int]bool{}
	for _, reply := range replies {
		if index := wirelessIndex(reply.Data); index != 0 {
			links[index] = true
		}
	}
	return links, nl.Kernel(err)
}

// wirelessIndex reads an answer of NL80211_CMD_GET_INTERFACE: 0 for what is no network
// interface, such as a P2P device.
func wirelessIndex(b []byte) int {
	return int(number(nl.Attributes(b).Find(unix.NL80211_ATTR_IFINDEX)))
}

// markWireless sets Wireless of all links. Where nl80211 cannot answer (a dump of it may
// be interrupted) all stay as they are: there is more to a network than this.
func (o *Observer) markWireless(s *state) {
	var wireless map[int]bool
	var err error
	for range attempts {
		if wireless, err = o.wirelessLinks(); err == nil {
			break
		}
	}
	if err != nil {
		return
	}
	for index, link := range s.links {
		link.Wireless = wireless[index]
		s.links[index] = link
	}
}
