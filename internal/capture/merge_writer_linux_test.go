package capture

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestMergeToFile has tshark judge a file of several hosts: the order of its
// packets, where they were seen, and what its statistics say.
func TestMergeToFile(t *testing.T) {
	const cables, count = 3, 100
	hub, leaves, m := star(t, cables, Options{}.Share(cables+1))
	name := filepath.Join(t.TempDir(), "star.pcapng")
	done := make(chan error, 1)
	go func() { done <- record(m, name, cables) }()
	shower(t, hub, leaves, count)
	awaitArrivals(t, m, count)
	m.Stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, line := range tshark(t, name, "-Y", "udp.dstport == 7000", "-T", "fields",
		"-e", "frame.interface_name", "-e", "ip.dst", "-e", "frame.time_delta") {
		field := strings.Split(line, "\t")
		seen[field[0]+" "+field[1]]++
		if delta, err := strconv.ParseFloat(field[2], 64); err != nil || delta < 0 {
			t.Errorf("packet %q: time goes back", line)
		}
	}
	for i := range cables {
		for _, side := range "ab" {
			if key := fmt.Sprintf("%c%d 10.0.%d.2", side, i, i); seen[key] != count {
				t.Errorf("%d packets on %s, want %d", seen[key], key, count)
			}
		}
	}
	if len(seen) != 2*cables {
		t.Errorf("tshark has %v", seen)
	}
	checkCounts(t, m, name)
}

func record(m *Merge, name string, cables int) error {
	out, err := os.Create(name)
	if err != nil {
		return err
	}
	defer out.Close()
	interfaces := make([]Interface, 2*cables)
	for i := range cables {
		interfaces[i].Name = fmt.Sprintf("a%d", i)
		interfaces[cables+i].Name = fmt.Sprintf("b%d", i)
	}
	w, err := NewWriter(out, interfaces, 0)
	if err != nil {
		return err
	}
	var p Packet
	for err = m.Read(&p); err == nil; err = m.Read(&p) {
		if err := w.Write(&p); err != nil {
			return err
		}
	}
	if err != io.EOF {
		return err
	}
	stats, err := m.Stats()
	if err != nil {
		return err
	}
	return w.Close(stats)
}

// checkCounts expects the packets of the far ends, counted on each, and no drops
// on all interfaces.
func checkCounts(t *testing.T, m *Merge, name string) {
	t.Helper()
	var accepted []string
	for _, s := range mergeStats(t, m)[1:] {
		accepted = append(accepted, fmt.Sprint(s.Packets))
	}
	want := strings.Join(accepted, ",") + "|0" + strings.Repeat(",0", 2*len(accepted)-1)
	const field = "pcapng.options.option.data.interface."
	got := tshark(t, name, "-X", "read_format:MIME Files Format", "-T", "fields", "-E", "separator=|",
		"-e", field+"accepted_by_filter", "-e", field+"dropped_by_os")
	if len(got) != 1 || got[0] != want {
		t.Errorf("tshark has counts %q, want %q", got, want)
	}
}
