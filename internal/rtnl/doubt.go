package rtnl

import (
	"slices"

	"golang.org/x/sys/unix"
)

// doubts are what the kernel may have changed without a word, and what has to be asked
// for again. For IPv4 it removes routes silently when an interface goes down, when it
// loses its last address, leaves its VRF, or when a route's preferred source address
// is removed (fib_sync_down_dev and fib_sync_down_addr of net/ipv4/fib_semantics.c);
// for IPv6 with the sysctl skip_notify_on_dev_down.
type doubts struct {
	links    map[int]bool // the routes over these
	routes   bool         // all routes
	rules    bool
	wireless bool // which links are
}

func (d *doubts) any() bool { return len(d.links) > 0 || d.routes || d.rules || d.wireless }

// doubtLink doubts the routes over an interface. Those with objects as next hops may
// have lost one of several, and are not found by the interface then.
func (s *state) doubtLink(index int) {
	s.doubts.links[index] = true
	for id, r := range s.routes {
		if id.object != 0 && r.uses(index) {
			s.doubts.routes = true
		}
	}
}

// doubtAddress doubts what may go with an address.
func (s *state) doubtAddress(a Address) {
	for _, r := range s.routes {
		if r.source == a.Addr() || r.uses(a.Link) {
			s.doubtLink(a.Link)
			for _, hop := range r.hops {
				s.doubtLink(hop.link)
			}
		}
	}
}

// doubtObject doubts the routes with a next hop that has a number.
func (s *state) doubtObject(id uint32) bool {
	for key, r := range s.routes {
		if key.object == id || slices.Contains(r.members, id) {
			s.doubts.routes = true
			return true
		}
	}
	return false
}

// doubtKey doubts routes of which one was removed that is not known as it is told: a
// route of IPv6 whose next hop was an object, or one that was gone already.
func (s *state) doubtKey(key routeKey) {
	if len(s.same(key)) > 0 {
		s.doubts.routes = true
	}
}

// mayBeWireless: only an interface that says to be an Ethernet card.
func mayBeWireless(l Link) bool { return l.Kind == "" && l.Hardware == unix.ARPHRD_ETHER }
