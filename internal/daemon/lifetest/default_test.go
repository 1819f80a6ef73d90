package lifetest_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// links is a configuration that uses red, blue and green, and leaves what else there is
// to the built-in rules.
const links = `mode: kernel
check_every: 0s
interfaces:
  - match: {names: [red, blue, green]}
    role: use
`

// TestEndpoints: each address that has a default route becomes an endpoint of its
// interface, the limits follow, and connections that were there have the subflows.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	n := newDual(t, 2)
	n.ip("mptcp limits set subflows 1 add_addr_accepted 0")
	n.ip("address add 10.1.0.9/24 dev red")
	v4, v6 := n.connect("10.1.0.1"), n.connect("2001:db8:1::1")
	start := time.Now()
	d := n.start(links)
	t.Logf("measured: start until ready: %v", time.Since(start).Round(time.Millisecond))
	await(t, "endpoints after the start", all(
		n.endpoints("10.1.0.1", "10.1.0.9", "10.2.0.1", "2001:db8:1::1", "2001:db8:2::1"), n.limits(5, 5),
		v4.reaches("10.1.0.1", "10.2.0.1", "10.1.0.9"), v6.reaches("2001:db8:1::1", "2001:db8:2::1")))
	n.ip("mptcp endpoint add 10.99.0.1 id 200 signal")
	n.ip("address add 192.0.2.1/32 dev lo") // An occasion to look.
	await(t, "limits with another's endpoint", n.limits(6, 6))
	shown := n.ip("mptcp endpoint show")
	for _, want := range []string{"10.1.0.1 id ID subflow dev red", "10.2.0.1 id ID subflow dev blue", "10.1.0.9 id ID subflow dev red",
		"2001:db8:2::1 id ID subflow dev blue", "10.99.0.1 id 200 signal"} {
		if !shows(shown, want) {
			t.Errorf("ip mptcp endpoint shows no %q:\n%s", want, shown)
		}
	}
	if rules := n.ownRules(); len(rules) > 0 {
		t.Errorf("rules %v, though routing is off", rules)
	}
	for _, address := range []string{"10.1.0.1", "10.2.0.1", "2001:db8:2::1"} {
		await(t, "status of "+address, d.says(address, "ready", ""))
	}
	foreign := d.namespace().Foreign
	if len(foreign) != 1 || foreign[0].Address != "10.99.0.1" || foreign[0].ID != 200 {
		t.Errorf("foreign endpoints in the status: %+v", foreign)
	}
}

// shows reports whether a line has the words, where ID is any.
func shows(text, words string) bool {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		for i, word := range strings.Fields(words) {
			if i == len(fields) || word != "ID" && word != fields[i] {
				break
			}
			if i == len(strings.Fields(words))-1 && i == len(fields)-1 {
				return true
			}
		}
	}
	return false
}

// TestLeftAlone: nothing is done about a VPN, a bridge or what is not managed, though
// they have default routes.
func TestLeftAlone(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 1)
	n.ip("link add br0 type bridge")
	n.ip("link add port type veth peer name other")
	n.ip("link set port master br0")
	for _, link := range []string{"br0", "port", "other"} {
		n.ip("link set " + link + " up")
	}
	left := map[string]string{"10.20.0.1": "br0", "10.21.0.1": "other"}
	if n.tun("tun0") {
		n.ip("link set tun0 up")
		left["10.22.0.1"] = "tun0"
	}
	metric := 900
	for address, link := range left {
		metric++
		n.ip("address add " + address + "/24 dev " + link)
		n.ip(fmt.Sprintf("route add default dev %s metric %d", link, metric))
	}
	d := n.start(links)
	await(t, "endpoints after the start", n.endpoints("10.1.0.1"))
	for address := range left {
		await(t, "status of "+address, d.says(address, "left", ""))
	}
	stays(t, "later", 200*time.Millisecond, n.endpoints("10.1.0.1"))
}

// tun makes a tunnel that has a carrier until the test ends. An ordinary user may not.
func (n *network) tun(name string) bool {
	n.t.Helper()
	err := n.client.Run(func() error {
		file, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
		if err != nil {
			return err
		}
		n.t.Cleanup(func() { file.Close() })
		request, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		return unix.IoctlIfreq(int(file.Fd()), unix.TUNSETIFF, request)
	})
	if err != nil && os.Getuid() == 0 && !netns.Inside() {
		netnstest.Missing(n.t, fmt.Sprintf("a tunnel: %v", err))
	}
	return err == nil
}
