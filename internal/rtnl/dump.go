package rtnl

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"time"

	"allroads/internal/nl"

	"golang.org/x/sys/unix"
)

// families are asked for one by one.
var families = [...]uint8{unix.AF_INET, unix.AF_INET6}

// dumpAll asks the kernel for everything.
func (o *Observer) dumpAll() (*state, error) {
	s := newState()
	err := errors.Join(o.dumpLinks(s), o.dumpAddresses(s), o.dumpRoutes(s, 0, 0), o.dumpRules(s))
	if err != nil {
		return nil, err
	}
	s.doubts.wireless = true
	return s, nil
}

func (o *Observer) dumpLinks(s *state) error {
	const skipStatistics = 8 // RTEXT_FILTER_SKIP_STATS of linux/rtnetlink.h
	body := attribute(make([]byte, unix.SizeofIfInfomsg), unix.IFLA_EXT_MASK, word(skipStatistics))
	return o.dump("interfaces", unix.RTM_GETLINK, body, func() { clear(s.links) }, func(m message) {
		if link, ok := parseLink(m.body); ok {
			s.links[link.Index] = link.Link
		}
	})
}

func (o *Observer) dumpAddresses(s *state) error {
	for _, family := range families {
		body := make([]byte, unix.SizeofIfAddrmsg)
		body[0] = family
		begin := func() {
			maps.DeleteFunc(s.addresses, func(key addressKey, _ lived) bool { return key.prefix.Addr().Is4() == (family == unix.AF_INET) })
		}
		err := o.dump("addresses", unix.RTM_GETADDR, body, begin, func(m message) {
			if a, ok := parseAddress(m.body); ok {
				s.addresses[keyOf(a)] = live(a, time.Now())
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dumpRoutes asks for the routes over an interface, 0: all, that somebody has made
// (RTPROT_*), 0: anybody. They take the place of those that are known.
func (o *Observer) dumpRoutes(s *state, link int, protocol uint8) error {
	for _, family := range families {
		body := make([]byte, routeHeader)
		body[0], body[5] = family, protocol
		if link != 0 {
			body = attribute(body, unix.RTA_OIF, word(uint32(link)))
		}
		begin := func() { s.dropRoutes(family, link, protocol) }
		err := o.dump("routes", unix.RTM_GETROUTE, body, begin, func(m message) {
			if !wanted(m.body) {
				return
			}
			if found, ok := parseRoute(m.body); ok {
				o.resolve(&found)
				s.addRoute(found, time.Now())
			}
		})
		switch {
		case link != 0 && errors.Is(err, unix.ENODEV): // The interface has gone, and its routes with it.
		case errors.Is(err, errInterrupted): // A table that never rests is walked in order all the same; changes are heard.
		case err != nil:
			return err
		}
	}
	return nil
}

func (s *state) dropRoutes(family uint8, link int, protocol uint8) {
	maps.DeleteFunc(s.routes, func(id routeID, r route) bool {
		return id.family == family && (link == 0 || r.uses(link)) && (protocol == 0 || r.protocol == protocol)
	})
}

func (o *Observer) dumpRules(s *state) error {
	clear(s.rules)
	for _, family := range families {
		body := make([]byte, routeHeader)
		body[0] = family
		begin := func() {
			maps.DeleteFunc(s.rules, func(_ string, r ruleFound) bool { return r.Family == family })
		}
		err := o.dump("rules", unix.RTM_GETRULE, body, begin, func(m message) {
			if r, ok := parseRule(m.body); ok && r.Family == family {
				key := ruleKey(m.body)
				s.rules[key] = ruleFound{r, s.rules[key].times + 1}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (o *Observer) dump(what string, kind uint16, body []byte, begin func(), each func(message)) error {
	err := o.requests.dump(kind, body, begin, each)
	if err != nil {
		return fmt.Errorf("list %s: %w", what, nl.Kernel(err))
	}
	return nil
}

// settled waits until the kernel has done what it has told of: the message that an
// interface is down comes before its routes are gone, and a dump need not wait. To ask
// for an interface does, for the lock that both hold (rtnl_mutex).
func (o *Observer) settled() {
	loopback := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(loopback[4:], 1)
	_ = o.requests.get(unix.RTM_GETLINK, loopback, func(message) {}) // Whatever the answer is.
}

// attribute adds one of netlink's, whose value is padded already.
func attribute(b []byte, kind uint16, value []byte) []byte {
	b = binary.NativeEndian.AppendUint16(b, uint16(4+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
	return append(b, make([]byte, -len(b)&3)...)
}

func word(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }
