package rtnl

import (
	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// object is a next hop that has a number of its own (ip-nexthop(8)), or a group of them.
type object struct {
	id      uint32
	hop     nextHop
	members []uint32 // of a group
}

// objectHeader is the length of a struct nhmsg.
const objectHeader = 8

// parseObject reads a struct nhmsg and its attributes.
func parseObject(b []byte) (o object, ok bool) {
	if len(b) < objectHeader {
		return object{}, false
	}
	o.hop.dead = number(b[4:])&(unix.RTNH_F_DEAD|unix.RTNH_F_LINKDOWN) != 0
	rest := nl.Attributes(b[objectHeader:])
	for {
		kind, value, more := rest.Next()
		if !more {
			return o, o.id != 0
		}
		switch kind {
		case unix.NHA_ID:
			o.id = number(value)
		case unix.NHA_OIF:
			o.hop.link = int(int32(number(value)))
		case unix.NHA_GATEWAY:
			o.hop.via = ip(b[0], value)
		case unix.NHA_GROUP: // each a struct nexthop_grp of 8 bytes
			for ; len(value) >= 8; value = value[8:] {
				o.members = append(o.members, number(value))
			}
		}
	}
}
