package pathtest_test

import (
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// ports are those of the server in a soak: the client's own are soon in use towards one.
func ports(n int) (at []string, to []netip.AddrPort) {
	for i := range n {
		at = append(at, fmt.Sprintf("10.0.1.1:%d", 5000+i))
		to = append(to, addr(at[i]))
	}
	return at, to
}

// soaked is what a soak came to.
type soaked struct {
	managed       int // connections that had a second subflow
	before, after int // VmRSS in KiB: after the first tenth, when all that their like needs is there, and after all
}

// together is how many connections there are at once in a soak: no more than the smallest
// receive buffer has room for events of.
const together = 50

// soak makes n short connections.
func soak(s *site, manager *process, n int) (came soaked) {
	s.Helper()
	at, to := ports(8)
	s.echoes(at...)
	for done := 0; done < n; done += together {
		if done == n/10/together*together {
			time.Sleep(time.Second)
			came.before = manager.status("VmRSS")
		}
		had := s.counter("MPJoinSynAckRx")
		crowd := s.crowd(together, to...)
		for end := time.Now().Add(time.Second); s.counter("MPJoinSynAckRx") < had+together && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		crowd.close()
	}
	s.await("all connections are gone", func() bool { return len(s.subflows()) == 0 })
	time.Sleep(time.Second)
	came.managed, came.after = s.counter("MPJoinSynAckRx"), manager.status("VmRSS")
	return came
}

// counter is one of the client's MPTCP counters, as nstat(8) names it.
func (s *site) counter(name string) (n int) {
	s.Helper()
	must(s, s.client.Run(func() error {
		text, err := os.ReadFile("/proc/thread-self/net/netstat")
		if err != nil {
			return err
		}
		var names []string
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line)
			switch {
			case fields[0] != "MPTcpExt:":
			case names == nil:
				names = fields
			default:
				n, err = strconv.Atoi(fields[slices.Index(names, name)])
			}
		}
		return err
	}))
	return n
}

// TestSoak: what allroadsd keeps of connections goes with them.
func TestSoak(t *testing.T) {
	n := size(1000, 5000, 100000)
	s, manager := contest(t, "allroadsd")
	came := soak(s, manager, n)
	t.Logf("%d connections: %+v", n, came)
	if came.managed != n {
		t.Errorf("%d of %d connections had a second subflow", came.managed, n)
	}
	if testing.Short() {
		return // They are too few to see it; so is any number where the race detector keeps its own.
	}
	// A kilobyte for each connection would be a leak that nobody overlooks; less is
	// for the full size.
	if grown := came.after - came.before; grown > 4096+n/10 {
		t.Errorf("memory grew by %d KiB", grown)
	}
}

// BenchmarkSoak tells how the memory of mptcpd and allroadsd grows with 100,000 short
// connections.
func BenchmarkSoak(b *testing.B) {
	n := size(5000, 100000, 100000)
	for _, who := range contestants[1:] {
		b.Run(who, func(b *testing.B) {
			for b.Loop() {
				s, manager := contest(b, who)
				cpu := manager.cpu()
				came := soak(s, manager, n)
				b.ReportMetric(float64(came.managed), "managed")
				b.ReportMetric(float64(came.before), "KiB-at-10%")
				b.ReportMetric(float64(came.after), "KiB-at-100%")
				b.ReportMetric(float64(came.after-came.before)*1024/float64(n)/0.9, "B/connection")
				b.ReportMetric((manager.cpu() - cpu).Seconds(), "cpu-s")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}
