package rtnl_test

import (
	"strings"
	"testing"
)

// TestWhatTheKernelDoesNotTell: routes that go, or come back, without a message that
// says so. Each line of commands is one step, after which the Picture is what ip prints.
func TestWhatTheKernelDoesNotTell(t *testing.T) {
	for name, steps := range map[string][]string{
		"link down":    {"route add default via 10.0.1.2", "link set one down", "link set one up", "route add default via 10.0.1.2"},
		"link gone":    {"route add default via 10.0.1.2; route add 192.0.2.0/24 via 10.0.1.2 proto 77; -6 route add default via fd00:1::2", "link del one"},
		"last address": {"route add default via 10.0.1.2; route add 192.0.2.0/24 via 10.0.1.2 proto 77", "addr del 10.0.1.1/24 dev one"},
		"preferred source": {
			"addr add 10.0.1.9/32 dev one; route add default via 10.0.2.2 src 10.0.1.9; -6 addr add fd00:9::1/128 dev one nodad; -6 route add default via fd00:2::2 src fd00:9::1",
			"addr del 10.0.1.9/32 dev one; -6 addr del fd00:9::1/128 dev one"},
		"several hops": {
			"route add default nexthop via 10.0.1.2 dev one nexthop via 10.0.2.2 dev two; route add 192.0.2.0/24 proto 77 nexthop via 10.0.1.2 dev one nexthop via 10.0.2.2 dev two",
			"link set one down", "link set one up; addr add 10.0.1.7/24 dev one", "link del one"},
		"several hops of IPv6": {
			"-6 route add default nexthop via fd00:1::2 dev one nexthop via fd00:2::2 dev two; -6 route add 2001:db8::/64 proto 77 nexthop via fd00:1::2 dev one nexthop via fd00:2::2 dev two",
			"-6 route del default via fd00:1::2 dev one", "-6 route append default via fd00:1::2 dev one; -6 route append default via fd00:1::3 dev one",
			"link set one down", "link del one"},
		"replaced":                {"route add default via 10.0.1.2; -6 route add default via fd00:1::2", "route replace default via 10.0.2.2; -6 route replace default via fd00:2::2", "route change default via 10.0.1.3; -6 route change default via fd00:1::3"},
		"one of several replaced": {"route add default via 10.0.1.2; route append default via 10.0.2.2; route prepend default via 10.0.1.3", "route replace default via 10.0.1.4", "route del default; route del default"},
		"several replaced":        {"-6 route add default nexthop via fd00:1::2 dev one nexthop via fd00:2::2 dev two", "-6 route replace default via fd00:1::5", "-6 route replace default nexthop via fd00:1::2 nexthop via fd00:2::2"},
		"objects": {
			"nexthop add id 1 via 10.0.1.2 dev one; nexthop add id 2 via 10.0.2.2 dev two; nexthop add id 3 group 1/2; route add default nhid 3; route add 192.0.2.0/24 nhid 1 proto 77; nexthop add id 6 via fd00:1::2 dev one; -6 route add default nhid 6",
			"nexthop replace id 1 via 10.0.1.9 dev one", "nexthop del id 2", "nexthop del id 6", "link set one down"},
		"link down with objects": {
			"nexthop add id 1 via 10.0.1.2 dev one; nexthop add id 2 via 10.0.2.2 dev two; nexthop add id 3 group 1/2; route add default nhid 3",
			"link set one down", "link del two"},
		"black hole object": {"nexthop add id 1 blackhole; route add default nhid 1", "nexthop del id 1"},
		"no routes":         {"route add unreachable default metric 5; route add blackhole 192.0.2.0/24 proto 77; -6 route add prohibit default; route add default dev two metric 9; route add local default dev lo table 99", "route flush table all proto 77"},
		"another family":    {"route add default via inet6 fd00:1::2 dev one", "route del default via inet6 fd00:1::2 dev one"},
		"source specific":   {"-6 route add default from fd00:1::/64 via fd00:1::2; -6 route add default via fd00:2::2", "-6 route del default from fd00:1::/64"},
		"many tables":       {"route add default via 10.0.1.2 table 5; route add default via 10.0.1.2 table 70000 metric 7; -6 route add default via fd00:1::2 table 70000", "route flush table 70000; -6 route flush table 70000"},
		"rules":             {"rule add from 10.0.1.1 lookup 5; rule add fwmark 4 lookup 6; rule add iif one lookup 7; rule add not from 10.0.0.0/8 lookup 8; rule add to 10.0.0.0/8 tos 8 unreachable; rule add uidrange 0-0 lookup 9; rule add from all lookup main suppress_prefixlength 0; -6 rule add from fd00::/8 lookup 70000 protocol 77; rule add ipproto tcp dport 80 lookup 10", "rule del from 10.0.1.1; link del one; rule del fwmark 4", "rule flush; -6 rule flush"},
		"renamed":           {"link set one down", "link set one name three", "link set three up mtu 1400"},
		"moved":             {"route add default via 10.0.1.2", "netns add", "link set two mtu 1200"},
		"bridge":            {"link add name br0 type bridge", "link set one master br0", "link set br0 up; link set one nomaster", "link del br0"},
		"IPv6 off":          {"-6 route add default via fd00:1::2", "link set one addrgenmode none; link set one mtu 1200"},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			h, _, _ := crossroads(t)
			o := observe(t, h.NS)
			for _, step := range steps {
				if step == "netns add" {
					elsewhere := newHost(t)
					must(t, h.move("one", elsewhere))
				} else {
					ip(t, h.NS, strings.Split(step, "; ")...)
				}
				agree(t, h.NS, o)
			}
		})
	}
}
