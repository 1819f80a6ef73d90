package pathtest_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// contestants are who can manage paths in the lab of two.yaml: one more subflow for each
// connection, from the second address.
var contestants = []string{"kernel", "mptcpd", "allroadsd"}

// contest begins a run of one of them; the kernel's own path manager has no process.
func contest(t testing.TB, who string) (*site, *process) {
	t.Helper()
	s := build(t, "two")
	switch who {
	case "kernel":
		s.set(s.client, "net.mptcp.path_manager", "kernel")
		s.in(s.client, "ip", "mptcp", "endpoint", "add", "10.0.2.2", "dev", "blue", "subflow")
		return s, nil
	case "mptcpd":
		return s, s.mptcpd("join")
	}
	p := s.allroadsd("two")
	s.complains(p)
	return s, p
}

// arrivals is when the first SYN of the second subflow of each connection was seen.
func (w *wireLog) arrivals() (at []int64) {
	seen := map[uint32]bool{}
	for _, j := range w.asked() {
		if !seen[uint32(j.token)] {
			seen[uint32(j.token)] = true
			at = append(at, j.at)
		}
	}
	slices.Sort(at)
	return at
}

// burst makes n connections while the manager is stopped, for at least a second, and
// tells how many of them had a subflow in the end, and when the last was asked for,
// counted from when the manager went on.
func burst(s *site, manager *process, n int) (managed int, last, within time.Duration) {
	s.Helper()
	s.echoes("10.0.1.1:5000")
	s.watch("client")
	manager.halt()
	begun := time.Now()
	crowd := s.crowd(n, addr("10.0.1.1:5000"))
	time.Sleep(time.Until(begun.Add(time.Second)))
	stopped := time.Since(begun)
	early := len(s.wire.asked())
	going := time.Now()
	manager.signal(unix.SIGCONT)
	// Done, or nothing has come for two seconds.
	for quiet, before := time.Now(), -1; time.Since(quiet) < 2*time.Second; time.Sleep(20 * time.Millisecond) {
		now := s.established()
		if now != before {
			quiet, before = time.Now(), now
		}
		if now == n {
			break
		}
	}
	if early > 0 {
		s.Fatalf("%d subflows were asked for while the manager was stopped", early)
	}
	at := s.wire.arrivals()
	if len(at) > 0 {
		last = time.Duration(at[len(at)-1] - going.UnixNano())
	}
	crowd.pings(s)
	return s.established(), last, stopped
}

// later makes n connections more, one after the other, and tells how many of them get a
// second subflow: none, where the manager hears nothing any more.
func (s *site) later(n int, to string) int {
	s.Helper()
	before := s.established()
	for range n {
		s.crowd(1, addr(to))
	}
	for end := time.Now().Add(time.Second); s.established() < before+n && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	return s.established() - before
}

// established counts the connections with a further subflow whose handshake was seen.
func (s *site) established() int {
	found := map[uint32]bool{}
	for _, j := range s.wire.asked() {
		if j.established {
			found[uint32(j.token)] = true
		}
	}
	return len(found)
}

// TestBurst: connections made while allroadsd is stopped all have their subflow within a
// second after it goes on.
func TestBurst(t *testing.T) {
	n := size(200, 1000, 10000)
	s, manager := contest(t, "allroadsd")
	managed, last, stopped := burst(s, manager, n)
	t.Logf("%d connections in %v: %d managed, the last subflow asked for %v after SIGCONT", n, stopped, managed, last)
	if managed != n {
		t.Errorf("%d of %d connections have a second subflow", managed, n)
	}
	s.oneEach(n)
}

// oneEach holds that no connection got a subflow twice.
func (s *site) oneEach(n int) {
	s.Helper()
	if asked := len(s.wire.asked()); asked != n {
		s.Errorf("%d subflows were asked for by %d connections", asked, n)
	}
	if found := s.subflows(); found[2] != n {
		s.Errorf("connections by number of subflows: %v, want %d with 2", found, n)
	}
}

// BenchmarkBurst tells the same for mptcpd and allroadsd, in full size.
func BenchmarkBurst(b *testing.B) {
	for _, who := range contestants[1:] {
		for _, n := range []int{100, 2000, size(200, 10000, 10000)} {
			b.Run(fmt.Sprintf("%s/%d", who, n), func(b *testing.B) {
				for b.Loop() {
					s, manager := contest(b, who)
					cpu := manager.cpu()
					managed, last, stopped := burst(s, manager, n)
					b.ReportMetric(float64(managed), "managed")
					b.ReportMetric(float64(s.later(10, "10.0.1.1:5000")), "managed-of-10-later")
					b.ReportMetric(float64(last.Milliseconds()), "ms-to-last-join")
					b.ReportMetric(float64(stopped.Milliseconds()), "ms-stopped")
					b.ReportMetric((manager.cpu() - cpu).Seconds(), "cpu-s")
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}
