package lab_test

import (
	"context"
	"fmt"
	"net/netip"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/lab"

	"golang.org/x/sys/unix"
)

// BenchmarkUp measures how long it takes to build labs and to let go of them,
// beside the shell commands that do the same.
func BenchmarkUp(b *testing.B) {
	for _, topology := range []*lab.Topology{twoPaths(b), star(20)} {
		b.Run(fmt.Sprintf("hosts=%d/ours", len(topology.Hosts)), func(b *testing.B) { benchmarkOurs(b, topology) })
		b.Run(fmt.Sprintf("hosts=%d/shell", len(topology.Hosts)), func(b *testing.B) { benchmarkShell(b, topology) })
	}
}

// star returns hosts that are each linked to the first.
func star(hosts int) *lab.Topology {
	topology := bare("star", "hub")
	for i := 1; i < hosts; i++ {
		leaf := fmt.Sprintf("leaf%d", i)
		topology.Hosts = append(topology.Hosts, lab.HostConfig{Name: leaf})
		end := func(host, device string, last byte) lab.EndConfig {
			address := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i), last}), 24)
			return lab.EndConfig{Host: host, Interface: device, Addresses: []netip.Prefix{address}}
		}
		topology.Links = append(topology.Links, lab.LinkConfig{Name: leaf, Impairment: lab.Impairment{Rate: 100e6},
			Ends: []lab.EndConfig{end("hub", leaf, 1), end(leaf, "hub", 2)}})
	}
	return topology
}

func benchmarkOurs(b *testing.B, topology *lab.Topology) {
	netnstest.Require(b)
	for b.Loop() {
		network, err := lab.Up(context.Background(), topology, lab.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := network.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// benchmarkShell gives each shell a mount namespace, so that the names are gone
// with it.
func benchmarkShell(b *testing.B, topology *lab.Topology) {
	netnstest.Require(b)
	needTools(b, "ip", "tc", "sysctl", "mount")
	script := "set -e\nmount -t tmpfs tmpfs /run\n" + strings.Join(lab.Commands(topology), "\n")
	for b.Loop() {
		cmd := exec.Command("sh", "-c", script)
		cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
		if output, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, output)
		}
	}
}
