package lifetest_test

import (
	"fmt"
	"testing"

	"allroads/pathmanager"
)

// costly is a configuration by which some addresses are wanted less.
const costly = `mode: kernel
check_every: 0s
routing: true
interfaces:
  - name: dear
    match: {prefixes: [10.2.0.128/25]}
    role: use
    cost: 10
  - name: all
    match: {names: ["*"]}
    role: use
`

// TestTwelveAddresses: where there are more than the kernel has places for, the cheapest
// get them, and the others are named; when a place is free, the next one gets it.
func TestTwelveAddresses(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 2)
	if features, err := n.features(); err != nil || features.MaxLimit != 8 {
		t.Skipf("the kernel has %d places, %v", features.MaxLimit, err)
	}
	for i := range 4 { // The dear ones are there first.
		n.ip(fmt.Sprintf("address add 10.2.0.%d/24 dev blue", 201+i))
	}
	l := &life{n, n.start(costly), n.connect("10.1.0.1")}
	l.settles("six addresses", "10.1.0.1", "10.2.0.1", "10.2.0.201", "10.2.0.202", "10.2.0.203", "10.2.0.204")
	wanted := []string{"10.1.0.1", "10.2.0.1"}
	for i := range 6 {
		address := fmt.Sprintf("10.2.0.%d", 11+i)
		n.ip("address add " + address + "/24 dev blue")
		wanted = append(wanted, address)
	}
	eight := all(l.endpoints(wanted...), l.c.from(wanted...), l.limits(8, 8))
	await(t, "twelve addresses", eight)
	for i := range 4 {
		await(t, "status", l.d.says(fmt.Sprintf("10.2.0.%d", 201+i), "dropped", "8"))
	}
	await(t, "status", l.d.says("10.2.0.11", "ready", ""))
	l.ip("address delete 10.2.0.16/24 dev blue")
	wanted[7] = "10.2.0.201"
	await(t, "a place is free", all(l.endpoints(wanted...), l.c.from(wanted...)))
	l.ip("address delete 10.2.0.201/24 dev blue")
	wanted[7] = "10.2.0.202"
	await(t, "it is free again", all(l.endpoints(wanted...), l.c.from(wanted...)))
	await(t, "status", l.d.says("10.2.0.203", "dropped", "8"))
}

// TestForeignPlaces: what others made takes places, too, and is not touched for want of
// room.
func TestForeignPlaces(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 3)
	if features, err := n.features(); err != nil || features.MaxLimit != 8 {
		t.Skipf("the kernel has %d places, %v", features.MaxLimit, err)
	}
	foreign := []string{}
	for i := range 6 {
		address := fmt.Sprintf("10.99.0.%d", 1+i)
		n.ip(fmt.Sprintf("mptcp endpoint add %s id %d signal", address, 200+i))
		foreign = append(foreign, address)
	}
	d := n.start(everything)
	await(t, "two places", n.endpoints(append(foreign, "10.1.0.1", "10.2.0.1")...))
	await(t, "status", d.says("10.3.0.1", "dropped", "8"))
	n.ip("mptcp endpoint delete id 205")
	n.ip("address add 192.0.2.1/32 dev lo") // An occasion to look.
	await(t, "a place is free", n.endpoints(append(foreign[:5], "10.1.0.1", "10.2.0.1", "10.3.0.1")...))
}

// features are what the kernel can do.
func (n *network) features() (pathmanager.Features, error) { return n.manager.Features(n.t.Context()) }
