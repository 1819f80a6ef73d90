package lab_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"
	"allroads/lab"

	"golang.org/x/sys/unix"
)

// refused has topologies that are valid and that the kernel does not build.
var refused = []struct {
	name  string
	spoil func(*lab.Topology)
	want  string // after "build lab two-paths: at "
	errno error  // nil where kernels differ
}{
	{"no such sysctl", set("net.mptcp.nonsense", "1"),
		"`ip netns exec client sysctl -q -w net.mptcp.nonsense=1`: set sysctl net.mptcp.nonsense=1: ", unix.ENOENT},
	{"sysctl's value", set("net.mptcp.enabled", "many"),
		"`ip netns exec client sysctl -q -w net.mptcp.enabled=many`: set sysctl net.mptcp.enabled=many: ", unix.EINVAL},
	{"sysctl of no interface", set("net.ipv4.conf.red.rp_filter", "1"),
		"`ip netns exec client sysctl -q -w net.ipv4.conf.red.rp_filter=1`: set sysctl ", unix.ENOENT},
	{"multicast address", prefix(netip.MustParsePrefix("ff02::7/64")),
		"`ip -n client address add ff02::7/64 dev red-client nodad`: add address ff02::7/64 to red-client: ", unix.EADDRNOTAVAIL},
	{"IPv6 off", func(t *lab.Topology) {
		set("net.ipv6.conf.default.disable_ipv6", "1")(t)
		prefix(netip.MustParsePrefix("fd00::1/64"))(t)
	}, "`ip -n client address add fd00::1/64 dev red-client nodad`: add address fd00::1/64 to red-client: ", unix.EACCES},
	{"limits", func(t *lab.Topology) { t.Hosts[1].MPTCP.Limits.Subflows = 1000 },
		"`ip -n server mptcp limits set subflows 1000 add_addr_accepted 2`: set limits subflows 1000 add_addr_accepted 2: " +
			"limit greater than maximum (", unix.EINVAL},
	{"implicit endpoint", endpoint("10.0.0.2", "", "implicit"),
		"`ip -n client mptcp endpoint add 10.0.0.2 implicit`: add endpoint 10.0.0.2: can't create IMPLICIT endpoint (", unix.EINVAL},
	{"endpoint twice", func(t *lab.Topology) {
		client := &t.Hosts[0].MPTCP
		client.Endpoints = append(client.Endpoints, client.Endpoints[0])
	}, "`ip -n client mptcp endpoint add 192.168.0.2 dev blue-client id 1 subflow`: add endpoint 192.168.0.2: " +
		"too many addresses or duplicate one", nil},
}

func TestUpRefused(t *testing.T) {
	netnstest.Require(t)
	noCollection(t)
	for _, test := range refused {
		t.Run(test.name, func(t *testing.T) {
			topology := twoPaths(t)
			test.spoil(topology)
			must(t, topology.Validate())
			before := openFiles(t)
			network, err := lab.Up(t.Context(), topology, lab.Options{})
			if network != nil || err == nil || test.errno != nil && !errors.Is(err, test.errno) {
				t.Fatalf("lab %v, error %v; want %v", network, err, test.errno)
			}
			text, named := strings.CutPrefix(err.Error(), "build lab two-paths: at "+test.want)
			if !named || text == "" {
				t.Errorf("error\n\t%v\nwant\n\tbuild lab two-paths: at %s", err, test.want)
			}
			expectOpenFiles(t, before)
		})
	}
}

// An interface that exists already: of someone who was quicker than the step.
func TestUpRefusedInterface(t *testing.T) {
	netnstest.Require(t)
	noCollection(t)
	before := openFiles(t)
	_, err := lab.Up(t.Context(), twoPaths(t), lab.Options{Observe: func(s lab.Step) {
		if s.Command == "ip netns add server" {
			intrude(t, "red-server")
		}
	}})
	want := "build lab two-paths: at `ip link add name red-client netns client type veth peer name red-server netns server`: " +
		"add veth pair red-client and red-server: "
	if !errors.Is(err, unix.EEXIST) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error\n\t%v\nwant\n\t%s", err, want)
	}
	expectOpenFiles(t, before)
}

// intrude makes an interface in the namespaces that this process has open.
func intrude(t *testing.T, name string) {
	for path, target := range openFiles(t) {
		if !strings.HasPrefix(target, "net:") {
			continue
		}
		ns, err := netns.Open(path)
		must(t, err)
		conn, err := rtnl.Dial(ns.Fd())
		must(t, err)
		must(t, conn.AddVeth(name, name+"-", ns.Fd()))
		must(t, conn.Close())
		must(t, ns.Close())
	}
}

// TestUpCancelled ends the context at each step.
func TestUpCancelled(t *testing.T) {
	netnstest.Require(t)
	noCollection(t)
	topology := twoPaths(t)
	topology.Links[0].Rate = 1e6
	commands := lab.Commands(topology)
	before := openFiles(t)
	for i, command := range commands {
		ctx, cancel := context.WithCancel(t.Context())
		steps := 0
		if i == 0 {
			cancel()
		}
		network, err := lab.Up(ctx, topology, lab.Options{Observe: func(lab.Step) {
			if steps++; steps == i {
				cancel()
			}
		}})
		cancel()
		want := "build lab two-paths: at `" + command + "`: context canceled"
		if network != nil || !errors.Is(err, context.Canceled) || err.Error() != want || steps != i {
			t.Errorf("after %d steps of %d: %v, %v; want %s", steps, i, network, err, want)
		}
	}
	expectOpenFiles(t, before)
}

// noCollection keeps the garbage collector from closing what was forgotten.
func noCollection(t *testing.T) {
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
}

// openFiles returns what this process's file descriptors refer to.
func openFiles(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("/proc/self/fd/*")
	must(t, err)
	open := map[string]string{}
	for _, path := range paths {
		// The one that read the directory is closed again.
		if target, err := os.Readlink(path); err == nil && !strings.Contains(target, "anon_inode:[event") {
			open[path] = target
		}
	}
	return open
}

// expectOpenFiles waits until nothing is open that was not before: sockets are
// closed by goroutines of the network poller.
func expectOpenFiles(t *testing.T, before map[string]string) {
	t.Helper()
	for deadline := time.Now().Add(patience); len(added(openFiles(t), before)) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("open files that were not before: %v", added(openFiles(t), before))
		}
	}
}

// added lists what is open and was not before. Less may be open, since the Go
// library gives up some pipes when memory is cleaned up.
func added(now, before map[string]string) (files []string) {
	for fd, file := range now {
		if before[fd] != file {
			files = append(files, fd+" "+file)
		}
	}
	return files
}
