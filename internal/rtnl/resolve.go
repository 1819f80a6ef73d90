package rtnl

import "golang.org/x/sys/unix"

// resolve asks for the next hops of a route that tells only the number of an object:
// where the sysctl net.ipv4.nexthop_compat_mode is 0. It is on a socket of its own,
// since a dump may be under way.
func (o *Observer) resolve(r *routeFound) {
	if r.object == 0 || len(r.hops) > 0 {
		return
	}
	main, ok := o.object(r.object)
	if !ok {
		return
	}
	if len(main.members) == 0 {
		r.hops = usable(r.hops, main)
	}
	r.members = main.members
	for _, id := range main.members {
		if member, ok := o.object(id); ok {
			r.hops = usable(r.hops, member)
		}
	}
}

// usable leaves out black holes, which have no interface.
func usable(hops []nextHop, o object) []nextHop {
	if o.hop.link == 0 {
		return hops
	}
	return append(hops, o.hop)
}

func (o *Observer) object(id uint32) (found object, ok bool) {
	body := attribute(make([]byte, objectHeader), unix.NHA_ID, word(id))
	_ = o.objects.get(unix.RTM_GETNEXTHOP, body, func(m message) { found, ok = parseObject(m.body) })
	return found, ok
}
