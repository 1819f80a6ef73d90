package sockdiag_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/sockdiag"
)

// listVariable makes this test program list the connections of its namespace once.
const listVariable = "SOCKDIAG_LIST"

// BenchmarkConnections lists N connections with two subflows each, of which both
// ends are in the namespace, and sets it against `ss -Mni` and `ss -tni`, one after
// the other: "ss-ratio" is our part of their time. "peak-MB" is the most memory that
// a process has had which lists them, with Go's runtime and the test program.
//
// SOCKDIAG_BENCH=20000 in the environment adds a case of that many connections, which takes
// half a minute to set up.
func BenchmarkConnections(b *testing.B) {
	sizes := []string{"200", "2000"}
	if more := os.Getenv("SOCKDIAG_BENCH"); more != "" {
		sizes = append(sizes, strings.Fields(more)...)
	}
	for _, size := range sizes {
		b.Run("N="+size, func(b *testing.B) {
			var n int
			if _, err := fmt.Sscan(size, &n); err != nil {
				b.Fatal(err)
			}
			benchmarkConnections(b, n)
		})
	}
}

func benchmarkConnections(b *testing.B, n int) {
	ns := here(b)
	holders(b, ns, n)
	conn := dial(b, ns)
	for settled := 0; settled != 2*n; time.Sleep(20 * time.Millisecond) {
		settled = 0
		for c := range conn.Connections(context.Background(), sockdiag.Filter{}) {
			if c.Established() == 2 {
				settled++
			}
		}
	}
	var ours, theirs time.Duration
	for b.Loop() {
		began := time.Now()
		for _, err := range conn.Connections(context.Background(), sockdiag.Filter{}) {
			if err != nil {
				b.Fatal(err)
			}
		}
		ours += time.Since(began)
		b.StopTimer()
		theirs += runSS(b, ns, "-Mni") + runSS(b, ns, "-tni")
		b.StartTimer()
	}
	b.ReportMetric(float64(ours)/float64(theirs), "ss-ratio")
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N)/float64(2*n), "µs/connection")
	b.ReportMetric(peak(b, ns), "peak-MB")
}

func runSS(b *testing.B, ns *netns.NS, options string) time.Duration {
	b.Helper()
	cmd := exec.Command("ss", options) // Its output goes to /dev/null.
	began := time.Now()
	if err := ns.Do(cmd.Run); err != nil {
		b.Skipf("ss: %v", err)
	}
	return time.Since(began)
}

// peak is the most memory that a process has had, in MB.
func peak(b *testing.B, ns *netns.NS) float64 {
	b.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), listVariable+"=1")
	cmd.Stderr = os.Stderr
	if err := ns.Do(cmd.Run); err != nil {
		b.Fatal(err)
	}
	return float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
}

func listOnce() int {
	conn, err := sockdiag.Dial(context.Background(), 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer conn.Close()
	for _, err := range conn.Connections(context.Background(), sockdiag.Filter{}) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

// TestAllocations: a listing allocates nothing for a connection or a subflow, once
// there has been one of that size.
func TestAllocations(t *testing.T) {
	ns := here(t)
	const n = 300
	open(t, ns, n, any4, one)
	conn := dial(t, ns)
	await(t, conn, sockdiag.Filter{}, settled(2*n, 2))
	filter := sockdiag.Filter{}
	allocations := testing.AllocsPerRun(10, func() {
		for _, err := range conn.Connections(context.Background(), filter) {
			if err != nil {
				t.Error(err)
			}
		}
	})
	if each := allocations / (2 * n); each > 0.05 {
		t.Errorf("%.0f allocations for %d connections, %.2f for each", allocations, 2*n, each)
	}
}
