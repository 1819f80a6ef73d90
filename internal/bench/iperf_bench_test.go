package bench

import (
	"encoding/json"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"allroads/lab"
)

// benchTime is how long each measurement of a benchmark goes on:
// ALLROADS_BENCH_SECONDS, else a second.
func benchTime(b *testing.B) time.Duration {
	text := os.Getenv("ALLROADS_BENCH_SECONDS")
	if text == "" {
		return time.Second
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 {
		b.Fatalf("ALLROADS_BENCH_SECONDS=%s is not a number of seconds", text)
	}
	return time.Duration(seconds) * time.Second
}

// iperf measures with iperf3, made MPTCP by mptcpize, in the same lab, and returns
// bits per second.
func (n *network) iperf(seconds time.Duration, args ...string) float64 {
	n.t.Helper()
	server := n.startIperf()
	defer func() { _ = server.Process.Kill(); _ = server.Wait() }()
	args = append([]string{"run", "iperf3", "-J", "-c", n.server.Addr().String(), "-t", strconv.Itoa(int(seconds.Seconds()))}, args...)
	text, err := n.lab.Host("client").Command("mptcpize", args...).Output()
	if err != nil {
		n.t.Fatalf("iperf3: %v: %s", err, text)
	}
	var result struct {
		End struct {
			Received struct {
				Rate float64 `json:"bits_per_second"`
			} `json:"sum_received"`
		} `json:"end"`
	}
	if err := json.Unmarshal(text, &result); err != nil || result.End.Received.Rate <= 0 {
		n.t.Fatalf("iperf3 says %s: %v", text, err)
	}
	return result.End.Received.Rate
}

// startIperf starts a server for one test, which listens.
func (n *network) startIperf() *lab.Command {
	n.t.Helper()
	server := n.lab.Host("server").Command("mptcpize", "run", "iperf3", "-s", "-1", "--forceflush")
	out, err := server.StdoutPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		n.t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		n.t.Fatalf("iperf3 does not listen: %v", err)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return server
}

func requireIperf(t testing.TB) {
	t.Helper()
	for _, name := range []string{"iperf3", "mptcpize"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("no peer to compare with: %v", err)
		}
	}
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// compare runs both in turn, so that what else the machine does concerns both, and
// reports the median of the ratios of neighbours.
func compare(b *testing.B, rates ...lab.Rate) {
	requireIperf(b)
	topology := twoPaths(b, rates...)
	n := &network{t: b, lab: lab.Start(b, lab.Value(topology)), server: netip.MustParseAddrPort("10.0.0.1:8684")}
	processes(b, n)
	lasting := benchTime(b)
	var ours, theirs, ratios []float64
	for b.Loop() {
		r := n.measureApart(func(o *Options) { o.Params.Duration = lasting })
		ours = append(ours, *r.Upload.Goodput)
		theirs = append(theirs, n.iperf(lasting))
		ratios = append(ratios, ours[len(ours)-1]/theirs[len(theirs)-1])
	}
	b.ReportMetric(median(ours)/1e6, "Mbit/s")
	b.ReportMetric(median(theirs)/1e6, "iperf3-Mbit/s")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkUnshaped compares with iperf3 on links that are as fast as they can be.
func BenchmarkUnshaped(b *testing.B) { compare(b) }

// BenchmarkShaped does so on two paths of 100 Mbit/s each.
func BenchmarkShaped(b *testing.B) { compare(b, 100e6, 100e6) }
