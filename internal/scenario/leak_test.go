package scenario_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/internal/scenario"
	"allroads/lab"
)

var busy = `
scenario:
  timeout: 400ms
  steps:
    - {name: up, send: {from: client, to: server, address: 10.0.1.2:4321, for: 10s}}
    - {at: 1ms, send: {from: client, to: server, address: 10.0.1.99:4321, bytes: 1}}
    - {at: 1ms, send: {from: server, to: client, address: 10.0.2.1:4321, bytes: 100}}
    - {at: 1ms, run: [sh, -c, "` + slumber(5) + ` & ` + slumber(6) + `"]}
    - {at: 100ms, link: red, do: down}
    - {at: 200ms, link: red, do: up}
    - {expect: [connections == 1]}
`

// TestNothingLeft plays to the end and cancels at several points: neither
// descriptors nor goroutines nor processes are left.
func TestNothingLeft(t *testing.T) {
	network := lab.Start(t, lab.Value(topology(t, busy)))
	if _, err := scenario.Play(t.Context(), network, scenario.Options{}); err != nil { // Whatever is made once.
		t.Fatal(err)
	}
	descriptors, goroutines := openDescriptors(t), runtime.NumGoroutine()
	for _, after := range []time.Duration{0, 1, 30 * time.Millisecond, 150 * time.Millisecond, time.Minute} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		report, err := scenario.Play(ctx, network, scenario.Options{})
		cancel()
		if complete := after == time.Minute; complete != (err == nil) || (report != nil) != complete {
			t.Errorf("after %v: %v", after, err)
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("after %v: error %v", after, err)
		}
	}
	for wait := 0; wait < 300 && (openDescriptors(t) > descriptors || runtime.NumGoroutine() > goroutines); wait++ {
		time.Sleep(10 * time.Millisecond)
	}
	if now := openDescriptors(t); now > descriptors {
		t.Errorf("%d descriptors are open, %d before", now, descriptors)
	}
	if now := runtime.NumGoroutine(); now > goroutines {
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines run, %d before\n%s", now, goroutines, stacks[:runtime.Stack(stacks, true)])
	}
	gone(t, slumber(5))
	gone(t, slumber(6))
	socketsGone(t, network, "client", "server")
}

// socketsGone waits until the hosts have no TCP sockets but those that wait for
// their time to pass.
func socketsGone(t *testing.T, network *lab.Lab, hosts ...string) {
	t.Helper()
	for _, host := range hosts {
		for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			out, err := network.Host(host).Command("ss", "-Hatn", "exclude", "time-wait").CombinedOutput()
			if err != nil {
				t.Fatalf("ss: %v %s", err, out)
			}
			if len(bytes.TrimSpace(out)) == 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Errorf("%s has sockets left:\n%s", host, out)
				break
			}
		}
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

// TestPcap has tshark count the packets of the file.
func TestPcap(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("tshark")
	if err != nil {
		netnstest.Missing(t, "tshark")
	}
	path := filepath.Join(t.TempDir(), "scenario.pcapng")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := playIn(t, topology(t, `
scenario:
  steps:
    - {send: {from: client, to: server, address: 10.0.1.2:4321, for: 200ms, rate: 50mbit}}
    - expect: [connections == 1]
  expect: [subflows == 2]
`), scenario.Options{Pcap: file})
	if err != nil {
		t.Fatal(err)
	}
	passes(t, r)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "-r", path, "-T", "fields", "-e", "frame.interface_name", "-e", "tcp.dstport").Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if uint64(len(lines)) != r.Report.Packets.Total {
		t.Errorf("tshark sees %d packets, want %d", len(lines), r.Report.Packets.Total)
	}
	for _, link := range []string{"red\t4321", "blue\t4321"} {
		if !strings.Contains(string(out), link) {
			t.Errorf("tshark sees nothing of %s", link)
		}
	}
}

// TestCannot: what cannot be done is an error, not a report.
func TestCannot(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	lonely := topology(t, "scenario: {}")
	lonely.Scenario.Capture = "lonely"
	lonely.Hosts = append(lonely.Hosts, lab.HostConfig{Name: "lonely"})
	for _, test := range []struct {
		topology *lab.Topology
		options  scenario.Options
		why      string
	}{
		{topology(t, ""), scenario.Options{}, "play scenario: topology two-paths has none"},
		{topology(t, "scenario: {}"), scenario.Options{Pcap: full}, "no space left"},
		{lonely, scenario.Options{}, "play scenario of two-paths: record packets in lonely: it has no links"},
	} {
		report, err := playIn(t, test.topology, test.options)
		if err == nil || !strings.Contains(err.Error(), test.why) || report != nil {
			t.Errorf("error %v, want %s", err, test.why)
		}
	}
}

// TestEmpty: what has nothing to fail passes.
func TestEmpty(t *testing.T) {
	t.Parallel()
	r := play(t, topology(t, "scenario: {}"))
	if !r.Passed || r.Capture != "client" || r.Schema != "allroads.scenario/1" || r.Topology != "two-paths" {
		t.Errorf("%+v", r)
	}
}
