package rtnl

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// snapshot draws the picture. Times that pass by themselves are left out of it.
func (s *state) snapshot(now time.Time) *Picture {
	p := &Picture{Links: maps.Clone(s.links)}
	for _, a := range s.addresses {
		p.Addresses = append(p.Addresses, a.shown())
	}
	slices.SortFunc(p.Addresses, inOrderOfLink)
	for id, r := range s.routes {
		s.draw(p, id, r, now)
	}
	slices.SortFunc(p.Defaults, inOrderOfTable)
	slices.SortFunc(p.Own, inOrderOfTable)
	for _, rule := range s.rules {
		for range rule.times {
			p.Rules = append(p.Rules, rule.PolicyRule)
		}
	}
	slices.SortFunc(p.Rules, inOrderOfPriority)
	return p
}

// draw adds the next hops of a route: those that can be used to the default ones.
func (s *state) draw(p *Picture, id routeID, r route, now time.Time) {
	usable := id.kind == unix.RTN_UNICAST && (r.expires.IsZero() || r.expires.After(now))
	hops := r.hops
	if len(hops) == 0 {
		usable, hops = false, []nextHop{{}}
	}
	for _, next := range hops {
		hop := Hop{To: id.to, From: id.from, Via: next.via, Link: next.link, Source: r.source,
			Table: id.table, Metric: id.metric, Protocol: r.protocol}
		if r.protocol == Protocol {
			p.Own = append(p.Own, hop)
		}
		if defaultRoute(id.to) && usable && s.alive(id, next) {
			p.Defaults = append(p.Defaults, hop)
		}
	}
}

// alive tells whether a next hop can be used. The flags of its message are not told again
// when they change, so that the interface counts; but one that has lost its last IPv4
// address stays dead, up or not (fib_disable_ip of net/ipv4/fib_frontend.c).
func (s *state) alive(id routeID, next nextHop) bool {
	link := s.links[next.link]
	return link.Up && link.Running && (!next.dead || id.family != unix.AF_INET || s.numbered(next.link))
}

// numbered tells whether an interface has an IPv4 address.
func (s *state) numbered(link int) bool {
	for key, a := range s.addresses {
		if key.link == link && a.Addr().Is4() {
			return true
		}
	}
	return false
}

func inOrderOfLink(a, b Address) int {
	return cmp.Or(a.Link-b.Link, a.Addr().Compare(b.Addr()), a.Prefix.Bits()-b.Prefix.Bits(), a.Peer.Compare(b.Peer))
}

func inOrderOfTable(a, b Hop) int {
	return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Metric, b.Metric), a.To.Addr().Compare(b.To.Addr()),
		a.To.Bits()-b.To.Bits(), a.From.Addr().Compare(b.From.Addr()), a.From.Bits()-b.From.Bits(),
		a.Link-b.Link, a.Via.Compare(b.Via), a.Source.Compare(b.Source), int(a.Protocol)-int(b.Protocol))
}

func inOrderOfPriority(a, b PolicyRule) int {
	return cmp.Or(cmp.Compare(a.Priority, b.Priority), int(a.Family)-int(b.Family), cmp.Compare(a.Table, b.Table),
		a.From.Addr().Compare(b.From.Addr()), a.From.Bits()-b.From.Bits(), a.To.Addr().Compare(b.To.Addr()),
		a.To.Bits()-b.To.Bits(), int(a.Protocol)-int(b.Protocol), order(a.Other)-order(b.Other))
}

func order(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (p *Picture) equal(q *Picture) bool {
	return maps.Equal(p.Links, q.Links) && slices.Equal(p.Addresses, q.Addresses) && slices.Equal(p.Defaults, q.Defaults) &&
		slices.Equal(p.Own, q.Own) && slices.Equal(p.Rules, q.Rules)
}

func (p *Picture) clone() *Picture {
	return &Picture{maps.Clone(p.Links), slices.Clone(p.Addresses), slices.Clone(p.Defaults), slices.Clone(p.Own), slices.Clone(p.Rules)}
}
