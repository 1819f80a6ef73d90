package rtnl

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// apply takes a message that tells of a change. It reports whether anything that is
// kept may be another than before: most messages are about something else.
func (s *state) apply(m message, now time.Time) bool {
	switch m.kind {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		link, ok := parseLink(m.body)
		return ok && s.applyLink(link, m.kind == unix.RTM_DELLINK)
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		address, ok := parseAddress(m.body)
		return ok && s.applyAddress(address, m.kind == unix.RTM_DELADDR, now)
	case unix.RTM_NEWROUTE, unix.RTM_DELROUTE:
		if !wanted(m.body) {
			return false
		}
		found, ok := parseRoute(m.body)
		return ok && s.applyRoute(found, m.kind == unix.RTM_DELROUTE, m.flags, now)
	case unix.RTM_NEWRULE, unix.RTM_DELRULE:
		rule, ok := parseRule(m.body)
		return ok && s.applyRule(rule, ruleKey(m.body), m.kind == unix.RTM_DELRULE)
	case unix.RTM_NEWNEXTHOP, unix.RTM_DELNEXTHOP:
		changed, ok := parseObject(m.body)
		return ok && s.doubtObject(changed.id)
	}
	return false
}

func (s *state) applyLink(m linkMessage, gone bool) bool {
	before, had := s.links[m.Index]
	if gone {
		delete(s.links, m.Index)
		s.forgetLink(m.Index)
		return had
	}
	link := m.Link
	link.Wireless = before.Wireless
	if m.partial && had {
		link.Kind, link.Master, link.MTU = before.Kind, before.Master, before.MTU
	}
	if !had {
		s.doubts.wireless = s.doubts.wireless || mayBeWireless(link)
	} else if before.Up != link.Up || before.Running != link.Running || before.Master != link.Master {
		s.doubtLink(link.Index)
	}
	s.links[m.Index] = link
	return link != before
}

// forgetLink drops what goes with an interface, of which the kernel does not tell all.
// IPv4 has a route with several next hops go when one of their interfaces does.
func (s *state) forgetLink(index int) {
	for key := range s.addresses {
		if key.link == index {
			delete(s.addresses, key)
		}
	}
	for id, r := range s.routes {
		switch {
		case !r.uses(index):
		case id.object != 0:
			s.doubts.routes = true
		default:
			delete(s.routes, id)
		}
	}
}

func (r route) uses(link int) bool {
	for _, hop := range r.hops {
		if hop.link == link {
			return true
		}
	}
	return false
}

func (s *state) applyAddress(a Address, gone bool, now time.Time) bool {
	key := keyOf(a)
	if gone {
		delete(s.addresses, key)
		s.doubtAddress(a)
		return true
	}
	s.addresses[key] = live(a, now)
	return true
}

// shown is an address without the times that pass by themselves.
func (a Address) shown() Address {
	a.Preferred, a.Valid = min(a.Preferred, 0), min(a.Valid, 0)
	return a
}

func (s *state) applyRoute(found routeFound, gone bool, flags uint16, now time.Time) bool {
	if gone {
		return s.removeRoute(found, now)
	}
	if flags&unix.NLM_F_REPLACE != 0 {
		s.replaced(found.routeKey)
	}
	if found.object != 0 && len(found.hops) == 0 {
		s.doubts.routes = true // A number alone: nexthop_compat_mode is off.
	}
	s.addRoute(found, now)
	return true
}

func (s *state) addRoute(found routeFound, now time.Time) {
	for id, one := range found.split(now) {
		s.routes[id] = one
	}
}

func (s *state) removeRoute(found routeFound, now time.Time) (had bool) {
	for id := range found.split(now) {
		if _, ok := s.routes[id]; ok {
			delete(s.routes, id)
			had = true
		}
	}
	if !had {
		s.doubtKey(found.routeKey)
	}
	return had
}

// replaced drops the route that a new one stands for. The message does not say which:
// where there are several, all are asked for.
func (s *state) replaced(key routeKey) {
	same := s.same(key)
	if len(same) > 1 {
		s.doubts.routes = true
	}
	for _, id := range same {
		delete(s.routes, id)
	}
}

func (s *state) same(key routeKey) (ids []routeID) {
	for id := range s.routes {
		if id.routeKey == key {
			ids = append(ids, id)
		}
	}
	return ids
}

// ruleKey is a rule's message without what changes of itself: whether the interfaces
// that it names are there.
func ruleKey(body []byte) string {
	b := append([]byte(nil), body...)
	b[8], b[9], b[10], b[11] = 0, 0, 0, 0
	if number(body[8:])&unix.FIB_RULE_INVERT != 0 {
		b[8] = 1
	}
	return string(b)
}

// applyRule: the same rule may be there several times, which needs counting, and a
// message from before a dump would be counted twice.
func (s *state) applyRule(r PolicyRule, key string, gone bool) bool {
	before, had := s.rules[key]
	switch {
	case had != gone || before.times > 1:
		s.doubts.rules = true
	case gone:
		delete(s.rules, key)
	default:
		s.rules[key] = ruleFound{r, 1}
	}
	return true
}

// defaultRoute reports whether a prefix is all addresses.
func defaultRoute(to netip.Prefix) bool { return to.Bits() == 0 }
