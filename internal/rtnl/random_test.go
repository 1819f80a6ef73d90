package rtnl_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
)

// changes are what ip(8) may be told at random; many are refused, which is fine.
var changes = []string{
	"link set %l up", "link set %l up", "link set %l down", "link set %l mtu 1%n00", "link del %l", "link set %l master br0", "link set %l nomaster",
	"link add one type veth peer name far1", "link add two type veth peer name far2", "link add br0 type bridge", "tuntap add tun0 mode tun", "link set far1 up", "link set far2 up",
	"link set far1 down", "link set br0 up",
	"addr add 10.0.%n.1/24 dev %l", "addr add 10.0.%n.2/24 dev %l", "addr add 10.0.%n.1/32 dev %l", "addr del 10.0.%n.1/24 dev %l", "addr del 10.0.%n.2/24 dev %l",
	"addr add 10.9.0.%n peer 10.8.0.%n/32 dev %l", "addr flush dev %l",
	"addr add fd00:%n::1/64 dev %l nodad", "addr del fd00:%n::1/64 dev %l", "addr add fd00:9::%n peer fd00:8::%n dev %l nodad",
	"route add default via 10.0.%n.9", "route append default via 10.0.%n.9", "route prepend default via 10.0.%n.9 metric %n", "route replace default via 10.0.%n.8", "route del default",
	"route change default via 10.0.%n.9", "route add default dev %l metric %n table 100", "route replace default via 10.0.%n.9 src 10.0.%n.2 metric 3", "route del default metric %n",
	"route add default nexthop via 10.0.%n.9 nexthop via 10.0.%n.9 metric 4", "route replace default metric 4 nexthop via 10.0.%n.9 dev %l nexthop via 10.0.%n.9",
	"route add 192.0.%n.0/24 via 10.0.%n.9 proto 77", "route replace 192.0.%n.0/24 via 10.0.%n.9 proto 77", "route append 192.0.%n.0/24 via 10.0.%n.9 proto 77",
	"route del 192.0.%n.0/24", "route flush proto 77", "route add unreachable default metric %n", "route add blackhole 192.0.%n.0/24 proto 77",
	"-6 route add default via fd00:%n::9", "-6 route append default via fd00:%n::9", "-6 route replace default via fd00:%n::8", "-6 route del default", "-6 route add default dev %l metric %n",
	"-6 route append default via fd00:%n::9 metric 7", "-6 route replace default metric 7 nexthop via fd00:%n::9 nexthop via fd00:%n::9", "-6 route del default via fd00:%n::9",
	"-6 route prepend default via fd00:%n::9", "-6 route replace default dev %l", "-6 route add 2001:db8:%n::/64 via fd00:%n::9 proto 77", "-6 route append 2001:db8:%n::/64 via fd00:%n::9 proto 77",
	"-6 route flush proto 77", "-6 route change default via fd00:%n::9", "-6 route add unreachable default metric %n",
	"nexthop add id %n via 10.0.%n.9 dev %l", "nexthop replace id %n via 10.0.%n.9 dev %l", "nexthop del id %n", "nexthop replace id 5 group 1/2", "route add default nhid %n metric 5",
	"route replace default nhid 5 metric 6", "route replace 192.0.%n.0/24 nhid %n proto 77", "nexthop add id 7 via fd00:%n::9 dev %l", "-6 route replace default nhid 7 metric 9", "nexthop del id 7",
	"rule add from 10.0.%n.1 lookup %n00", "rule del from 10.0.%n.1", "rule add to 10.0.%n.0/24 lookup 70000 prio %n protocol 77", "rule del prio %n", "rule flush",
	"-6 rule add from fd00:%n::1 lookup %n00", "-6 rule del from fd00:%n::1", "rule add iif %l lookup %n", "rule del iif %l",
}

func random(r *rand.Rand) string {
	command := changes[r.IntN(len(changes))]
	for strings.Contains(command, "%n") {
		command = strings.Replace(command, "%n", fmt.Sprint(1+r.IntN(3)), 1)
	}
	links := []string{"one", "two", "tun0", "far1"}
	return strings.ReplaceAll(command, "%l", links[r.IntN(len(links))])
}

// TestRandomChanges: after each handful of changes the Picture is what ip prints, by
// messages alone.
func TestRandomChanges(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 8
	}
	// The first one had an interface without an address that was one of two next hops.
	for _, seed := range []uint64{0xe914f6ec0881dd15, rand.Uint64(), rand.Uint64()} {
		t.Run(fmt.Sprintf("seed=%#x", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 0))
			h := newHost(t)
			o := observe(t, h.NS)
			history := []string{}
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("after\nip %s", strings.Join(history, "\nip "))
				}
			})
			for _, command := range []string{"link add one type veth peer name far1", "link add two type veth peer name far2", "link set one up", "link set two up",
				"link set far1 up", "link set far2 up", "addr add 10.0.1.2/24 dev one", "addr add 10.0.2.2/24 dev two", "addr add 10.0.3.2/24 dev two",
				"addr add fd00:1::1/64 dev one nodad", "addr add fd00:2::1/64 dev two nodad"} {
				ip(t, h.NS, command)
			}
			for range rounds {
				for range 1 + r.IntN(8) {
					command := random(r)
					if _, err := netnstest.Run(t, h.NS, "ip "+command); err == nil {
						history = append(history, command)
					}
				}
				agree(t, h.NS, o)
			}
		})
	}
}
