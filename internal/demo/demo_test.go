package demo

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"allroads/examples"
	"allroads/internal/netns/netnstest"
	"allroads/lab"
)

func TestMain(m *testing.M) { netnstest.Main(m) }

// twoPaths is the demo's topology, for a test to change.
func twoPaths(t testing.TB) *lab.Topology {
	t.Helper()
	topology, err := lab.Parse("two-paths.yaml", examples.TwoPaths)
	if err != nil {
		t.Fatal(err)
	}
	return topology
}

func run(t *testing.T, o Options) *Result {
	t.Helper()
	netnstest.Require(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	result, err := Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

const proven = "PROVEN: 1 connection, 2 subflows over 2 paths"

func TestRun(t *testing.T) {
	var steps []string
	r := run(t, Options{Observer: Observer{Step: func(command string) { steps = append(steps, command) }}})
	if !r.Proven || r.Verdict != proven {
		t.Fatalf("%s, want %s", r.Verdict, proven)
	}
	if !r.Transfer.Identical || r.Transfer.Sent != r.Transfer.Received ||
		r.Transfer.Sent != r.Report.Connections[0].ToServer.Bytes {
		t.Errorf("transfer %+v, and %d bytes in the packets", r.Transfer, r.Report.Connections[0].ToServer.Bytes)
	}
	if strings.Join(steps, "\n") != strings.Join(r.Commands, "\n") || len(steps) < 20 {
		t.Errorf("%d steps were observed, %d are in the result", len(steps), len(r.Commands))
	}
	if r.Times.LabUp <= 0 || r.Times.Total <= r.Times.LabUp {
		t.Errorf("times %+v", r.Times)
	}
	checkScenario(t, r)
}

// checkScenario holds the packets against what the scenario must look like on
// the wire.
func checkScenario(t *testing.T, r *Result) {
	t.Helper()
	var got []string
	for _, p := range r.Packets {
		if strings.HasPrefix(p.Flags, "S") {
			got = append(got, p.Path+" "+p.Src.Addr().String()+" "+p.Flags+" "+p.Options[0].Name)
		}
	}
	want := []string{
		"red 10.0.0.2 S MP_CAPABLE", "red 10.0.0.1 S. MP_CAPABLE",
		"blue 192.168.0.2 S MP_JOIN", "blue 10.0.0.1 S. MP_JOIN",
	}
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("handshakes are\n%v, want\n%v", got, want)
	}
	if r.PacketsHidden != 0 {
		t.Errorf("%d packets are hidden", r.PacketsHidden)
	}
}

// TestJSON reads the result back as others would.
func TestJSON(t *testing.T) {
	r := run(t, Options{})
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Schema  string
		Packets []struct {
			Options []struct {
				Name   string
				Fields map[string]any
			}
		}
		Report struct {
			Verdict     struct{ Proven bool }
			Connections []struct {
				Keys []struct{ Key, Token, IDSN string }
			}
		}
	}
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if back.Schema != "allroads.demo/1" || !back.Report.Verdict.Proven {
		t.Errorf("%+v", back)
	}
	if keys := back.Report.Connections[0].Keys; len(keys) != 2 || len(keys[0].Key) != 16 || len(keys[1].Token) != 8 {
		t.Errorf("keys %+v", keys)
	}
	if third := back.Packets[2].Options[0]; third.Name != "MP_CAPABLE" || third.Fields["sender_key"] != back.Report.Connections[0].Keys[0].Key {
		t.Errorf("the third packet has %+v", third)
	}
}

func TestBulk(t *testing.T) {
	progress := 0
	r := run(t, Options{Bulk: time.Second, Observer: Observer{Progress: func(p Progress) {
		if p.Total != time.Second || p.Elapsed <= 0 || p.Goodput < 0 {
			t.Errorf("progress %+v", p)
		}
		progress++
	}}})
	if r.Verdict != proven {
		t.Fatalf("%s, want %s", r.Verdict, proven)
	}
	if progress < 2 {
		t.Errorf("progress was reported %d times in a second", progress)
	}
	if r.Bulk.Rate != 2*bulkRate || len(r.Bulk.Paths) != 2 {
		t.Fatalf("%+v", r.Bulk)
	}
	var sum uint64
	for _, path := range r.Bulk.Paths {
		sum += path.Bytes
		// The bucket lets a little more through at the beginning.
		if path.Goodput <= 0 || path.Goodput > 1.05*float64(path.Rate) {
			t.Errorf("%+v", path)
		}
	}
	if sum != r.Transfer.Received {
		t.Errorf("paths carried %d bytes, %d were received", sum, r.Transfer.Received)
	}
	if r.PacketsHidden == 0 || len(r.Packets) != maxHead+maxTail {
		t.Errorf("%d packets are listed, %d hidden", len(r.Packets), r.PacketsHidden)
	}
	if last := r.Packets[len(r.Packets)-1]; last.Number != r.PacketsHidden+uint64(len(r.Packets)) {
		t.Errorf("the last packet is number %d of %d", last.Number, r.PacketsHidden+uint64(len(r.Packets)))
	}
}

// TestChecksums has both ends put a checksum into every mapping.
func TestChecksums(t *testing.T) {
	topology := twoPaths(t)
	for i := range topology.Hosts {
		topology.Hosts[i].Sysctls["net.mptcp.checksum_enabled"] = "1"
	}
	r := run(t, Options{Topology: topology})
	if r.Verdict != proven {
		t.Fatalf("%s, want %s", r.Verdict, proven)
	}
	for _, check := range r.Report.Connections[0].Checks {
		if check.Name == "checksum" {
			if strings.HasPrefix(check.Detail, "0 right") {
				t.Errorf("%+v", check)
			}
			return
		}
	}
	t.Error("no checksum was checked")
}

// TestNoSecondSubflow: without an endpoint the kernel makes no second subflow.
func TestNoSecondSubflow(t *testing.T) {
	topology := twoPaths(t)
	topology.Hosts[0].MPTCP.Endpoints = nil
	r := run(t, Options{Topology: topology, test: testOptions{wait: 100 * time.Millisecond}})
	if want := "NOT PROVEN: connection 1: it has delivered data on 1 path only"; r.Proven || r.Verdict != want {
		t.Errorf("%s, want %s", r.Verdict, want)
	}
	if len(r.Report.Connections) != 1 || len(r.Report.Connections[0].Subflows) != 1 {
		t.Errorf("%+v", r.Report.Connections)
	}
}

// TestRefusedJoin: the server's limits allow no other subflow.
func TestRefusedJoin(t *testing.T) {
	topology := twoPaths(t)
	topology.Hosts[1].MPTCP.Limits = &lab.LimitsConfig{}
	r := run(t, Options{Topology: topology, test: testOptions{wait: 100 * time.Millisecond}})
	if r.Proven || !strings.Contains(r.Verdict, "connection 1, subflow 2 (blue): ") {
		t.Errorf("%s, want an objection to subflow 2", r.Verdict)
	}
}

// TestMPTCPDisabled: a server whose namespace has MPTCP off cannot even listen.
func TestMPTCPDisabled(t *testing.T) {
	netnstest.Require(t)
	topology := twoPaths(t)
	topology.Hosts[1].Sysctls["net.mptcp.enabled"] = "0"
	_, err := Run(context.Background(), Options{Topology: topology})
	if err == nil || !strings.Contains(err.Error(), "net.mptcp.enabled") {
		t.Errorf("error %v, want one that names net.mptcp.enabled", err)
	}
}

// TestLostPackets fills a small ring that nobody empties.
func TestLostPackets(t *testing.T) {
	hold := make(chan struct{})
	time.AfterFunc(800*time.Millisecond, func() { close(hold) })
	r := run(t, Options{Bulk: 500 * time.Millisecond, test: testOptions{ringBytes: 1 << 18, hold: hold}})
	if r.Report.Dropped == 0 {
		t.Fatal("no packets were lost")
	}
	if r.Proven || !strings.Contains(r.Verdict, "cannot judge: the capture lost") {
		t.Errorf("%s", r.Verdict)
	}
}

func TestUnwritable(t *testing.T) {
	netnstest.Require(t)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	if _, err := Run(context.Background(), Options{Pcap: full}); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("error %v, want no space left", err)
	}
}

// TestCancel ends demos at different points: each says so, and leaves neither
// descriptors nor goroutines.
func TestCancel(t *testing.T) {
	run(t, Options{})
	descriptors, goroutines := openDescriptors(t), runtime.NumGoroutine()
	for after := range 13 {
		ctx, cancel := context.WithCancel(context.Background())
		steps := 0
		_, err := Run(ctx, Options{Bulk: time.Minute, Observer: Observer{Step: func(string) {
			if steps++; steps > after*2 {
				cancel()
			}
		}}})
		cancel()
		if !errors.Is(err, context.Canceled) && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("cancelled after %d steps: %v", steps, err)
		}
	}
	for wait := 0; wait < 100 && (openDescriptors(t) > descriptors || runtime.NumGoroutine() > goroutines); wait++ {
		time.Sleep(10 * time.Millisecond)
	}
	if now := openDescriptors(t); now > descriptors {
		t.Errorf("%d descriptors are open, %d before", now, descriptors)
	}
	if now := runtime.NumGoroutine(); now > goroutines {
		t.Errorf("%d goroutines run, %d before", now, goroutines)
	}
}

func openDescriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestOtherTopologies(t *testing.T) {
	netnstest.Require(t)
	topology := twoPaths(t)
	topology.Links[0].Ends[1].Host = "client"
	topology.Links[1].Ends[1].Host = "client"
	if _, err := Run(context.Background(), Options{Topology: topology}); err == nil || !strings.Contains(err.Error(), "no link from client") {
		t.Errorf("error %v, want one about the missing link", err)
	}
}

// TestIPv6 runs the same over IPv6.
func TestIPv6(t *testing.T) {
	text := string(examples.TwoPaths)
	for _, change := range [][2]string{
		{"10.0.0.2/24", `"fd00::2/64"`}, {"10.0.0.1/24", `"fd00::1/64"`},
		{"192.168.0.2/24", `"fd01::2/64"`}, {"192.168.0.1/24", `"fd01::1/64"`}, {"192.168.0.2,", "\"fd01::2\","},
	} {
		text = strings.ReplaceAll(text, change[0], change[1])
	}
	topology, err := lab.Parse("six.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	// Over IPv6 the kernel joins only where it has a route, and the server's
	// address has none over the second path.
	r := run(t, Options{Topology: topology, test: testOptions{wait: 100 * time.Millisecond}})
	if conn := r.Report.Connections[0]; r.Proven || !conn.Subflows[0].Client.Addr().Is6() || conn.ToServer.Bytes != r.Transfer.Sent {
		t.Errorf("%+v", conn)
	}
}
