package hook

import (
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"allroads/internal/hook/cgroup"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// Rounds of a benchmark, and sockets in each: those before the first that counts
// warm up. An iteration is all of them, since to attach a hook takes longer than
// thousands of sockets.
const (
	benchRounds  = 6
	benchSockets = 3000
	benchWarm    = 500
)

// BenchmarkSocket is what a converted socket() costs, made and closed, beside one that
// asks for MPTCP itself with no hook anywhere; and what the hook costs the calls that
// it leaves alone. Rounds alternate, so that a machine with other work counts against
// both, and the best of each counts. Metrics: ns/plain and ns/hooked for a socket,
// ns/more the difference, ratio their quotient; and ns/program, what the kernel itself
// measures for the programs, its own clock included.
func BenchmarkSocket(b *testing.B) {
	requireHook(b)
	home, err := cgroup.Own()
	if err != nil {
		b.Fatal(err)
	}
	c := newCgroup(b, "bench")
	for _, bench := range []struct {
		name            string
		in              string
		protocol, plain int
		kind            int
	}{
		{"converted", c.Path(), 0, unix.IPPROTO_MPTCP, unix.SOCK_STREAM},
		{"other-cgroup", home, 0, 0, unix.SOCK_STREAM},
		{"udp-in-cgroup", c.Path(), 0, 0, unix.SOCK_DGRAM},
	} {
		b.Run(bench.name, func(b *testing.B) {
			enter(b, bench.in)
			defer enter(b, home)
			plain, hook := math.Inf(1), math.Inf(1)
			for range b.N {
				for range benchRounds {
					plain = min(plain, sockets(b, bench.kind, bench.plain))
					hook = min(hook, withHook(b, c, func(*Hook) float64 { return sockets(b, bench.kind, bench.protocol) }))
				}
			}
			b.ReportMetric(ownTime(b, c, bench.kind, bench.protocol), "ns/program")
			b.ReportMetric(plain, "ns/plain")
			b.ReportMetric(hook, "ns/hooked")
			b.ReportMetric(hook-plain, "ns/more")
			b.ReportMetric(hook/plain, "ratio")
		})
	}
}

func withHook(b *testing.B, c *cgroup.Cgroup, measure func(*Hook) float64) float64 {
	h, err := Attach(c.Path())
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	return measure(h)
}

// sockets returns the time for each of many sockets, ns.
func sockets(b *testing.B, kind, protocol int) float64 {
	began := now()
	for i := range benchWarm + benchSockets {
		if i == benchWarm {
			began = now()
		}
		fd, err := unix.Socket(unix.AF_INET, kind, protocol)
		if err != nil {
			b.Fatal(err)
		}
		unix.Close(fd)
	}
	return float64(now()-began) / benchSockets
}

// ownTime has the kernel measure the program.
func ownTime(b *testing.B, c *cgroup.Cgroup, kind, protocol int) float64 {
	stats, err := ebpf.EnableStats(uint32(unix.BPF_STATS_RUN_TIME))
	if err != nil {
		b.Fatal(err)
	}
	defer stats.Close()
	return withHook(b, c, func(h *Hook) float64 {
		sockets(b, kind, protocol)
		total := 0.0
		for i := range copies {
			s, err := h.collection.Programs[copyName(i)].Stats()
			if err != nil || i == copies-1 && s.RunCount < benchSockets {
				b.Fatalf("copy %d ran %+v: %v", i, s, err)
			}
			total += float64(s.Runtime)
		}
		return total / (benchWarm + benchSockets)
	})
}

func now() int64 {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return t.Nano()
}

// enter moves this process to a cgroup, by its directory.
func enter(b *testing.B, dir string) {
	path := filepath.Join(dir, "cgroup.procs")
	if err := os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())), 0); err != nil {
		b.Fatal(err)
	}
}
