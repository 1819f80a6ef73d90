package lab_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/internal/rtnl"
	"allroads/lab"

	"golang.org/x/sys/unix"
)

// BenchmarkUp measures how long it takes to build labs and to take them down,
// beside the shell commands that do the same: the median of each, and how often the
// shell's time is ours. What the kernel does with a namespace after its end is in
// neither.
//
// With -benchtime 1x, which is to see whether all benchmarks run, what takes long is
// left out: most of the largest lab, and the kernel's end of hundreds of bridges.
func BenchmarkUp(b *testing.B) {
	for _, hosts := range []int{2, 10, 100, 500} {
		b.Run(fmt.Sprintf("hosts=%d", hosts), func(b *testing.B) { benchmarkHosts(b, hosts) })
	}
}

func benchmarkHosts(b *testing.B, hosts int) {
	topology := circle(hosts)
	var ours time.Duration
	b.Run("plain", func(b *testing.B) { ours = benchmarkOurs(b, topology, lab.Options{}) })
	b.Run("shell", func(b *testing.B) {
		skipLong(b, hosts)
		theirs := benchmarkShell(b, topology)
		if ours > 0 {
			b.ReportMetric(theirs.Seconds()/ours.Seconds(), "shell/ours")
		}
	})
	b.Run("changeable", func(b *testing.B) {
		skipLong(b, hosts*10)
		benchmarkOurs(b, topology, lab.Options{Changeable: true})
	})
	b.Run("delayed", func(b *testing.B) {
		skipLong(b, hosts)
		delayed := circle(hosts)
		for i := range delayed.Links {
			delayed.Links[i].Delay = 10 * time.Millisecond
		}
		benchmarkOurs(b, delayed, lab.Options{})
	})
}

func skipLong(b *testing.B, size int) {
	if asked := flag.Lookup("test.benchtime"); size > 100 && asked.Value.String() == "1x" {
		b.Skip("takes long: ask for more than -benchtime 1x")
	}
}

// circle returns hosts that are each linked to the next and to the one behind it:
// twice as many links as hosts, and between two hosts just two.
func circle(hosts int) *lab.Topology {
	topology := &lab.Topology{Name: "circle"}
	for i := range hosts {
		topology.Hosts = append(topology.Hosts, lab.HostConfig{Name: fmt.Sprintf("host%d", i)})
	}
	for i := range hosts {
		steps := []int{1, 2}
		if hosts == 2 {
			steps = []int{1}
		}
		for _, step := range steps {
			topology.Links = append(topology.Links, between(len(topology.Links), i, (i+step)%hosts))
		}
	}
	return topology
}

// between returns a link from one host to another, with a prefix of its own.
func between(number, from, to int) lab.LinkConfig {
	name := fmt.Sprintf("link%d", number)
	end := func(host int, last byte) lab.EndConfig {
		address := netip.AddrFrom4([4]byte{10, byte(number >> 8), byte(number), last})
		return lab.EndConfig{Host: fmt.Sprintf("host%d", host), Interface: name,
			Addresses: []netip.Prefix{netip.PrefixFrom(address, 24)}}
	}
	return lab.LinkConfig{Name: name, Ends: []lab.EndConfig{end(from, 1), end(to, 2)}}
}

func benchmarkOurs(b *testing.B, topology *lab.Topology, options lab.Options) (both time.Duration) {
	netnstest.Require(b)
	var up, down []time.Duration
	for b.Loop() {
		began := time.Now()
		network, err := lab.Up(context.Background(), topology, options)
		must(b, err)
		built := time.Now()
		must(b, network.Close())
		up, down = append(up, built.Sub(began)), append(down, time.Since(built))
		b.StopTimer()
		awaitQuiet(b)
		b.StartTimer()
	}
	return reportUp(b, topology, up, down)
}

// reportUp returns the median of both together.
func reportUp(b *testing.B, topology *lab.Topology, up, down []time.Duration) time.Duration {
	built, gone := median(up), median(down)
	b.ReportMetric(milliseconds(built), "ms-up")
	b.ReportMetric(milliseconds(gone), "ms-down")
	b.ReportMetric(milliseconds(built)/float64(len(topology.Hosts)), "ms-up/host")
	b.ReportMetric(0, "ns/op") // Leaves it out.
	return built + gone
}

// awaitQuiet waits until the kernel has taken down what was in the namespaces that
// were given up, which it does one after the other in the background, and which
// keeps whoever configures a network waiting: 20 ms for each bridge, for one.
func awaitQuiet(b *testing.B) {
	// A socket lets go of its namespace a grace period (RCU) after it is closed.
	time.Sleep(100 * time.Millisecond)
	stays, goes := netnstest.New(b), netnstest.New(b)
	var route *rtnl.Conn
	must(b, stays.Do(func() (err error) {
		route, err = rtnl.Dial(0)
		return err
	}))
	defer route.Close()
	must(b, route.AddVeth("last", "last", goes.Fd()))
	must(b, goes.Close())
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		_, err := route.LinkIndex("last")
		if errors.Is(err, unix.ENODEV) {
			break
		}
		if err != nil || time.Now().After(deadline) {
			b.Fatalf("the last namespace is still there: %v", err)
		}
	}
	must(b, route.SetUp("lo")) // It is gone from sight first: this takes its turn behind it.
}

func median[T int64 | float64 | time.Duration](values []T) T {
	values = slices.Clone(values)
	slices.Sort(values)
	return values[len(values)/2]
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

// benchmarkShell gives each shell a mount namespace, so that the names are gone
// with it, even when it fails.
func benchmarkShell(b *testing.B, topology *lab.Topology) (both time.Duration) {
	netnstest.Require(b)
	needTools(b, "ip", "tc", "sysctl", "mount")
	script := []string{"set -e", "mount -t tmpfs tmpfs /run"}
	script = append(append(script, lab.Commands(topology)...), "echo up")
	for _, host := range topology.Hosts {
		script = append(script, "ip netns delete "+host.Name)
	}
	var up, down []time.Duration
	for b.Loop() {
		built, gone := timeShell(b, strings.Join(script, "\n"))
		up, down = append(up, built), append(down, gone)
		b.StopTimer()
		awaitQuiet(b)
		b.StartTimer()
	}
	return reportUp(b, topology, up, down)
}

// timeShell tells how long a script takes until it prints a line, and from there
// to its end.
func timeShell(b *testing.B, script string) (before, after time.Duration) {
	// The script of a large lab is too long for an argument.
	cmd := exec.Command("sh")
	cmd.Stdin = strings.NewReader(script)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
	output, err := cmd.StdoutPipe()
	must(b, err)
	began := time.Now()
	must(b, cmd.Start())
	line, _ := bufio.NewReader(output).ReadString('\n')
	built := time.Now()
	_, _ = io.Copy(io.Discard, output)
	if err := cmd.Wait(); err != nil || line != "up\n" {
		b.Fatalf("shell: %v, %q", err, line)
	}
	return built.Sub(began), time.Since(built)
}
