package demo

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
)

// tshark reads fields of each packet of a capture, as rows.
func tshark(t *testing.T, file string, fields ...string) [][]string {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		netnstest.Missing(t, "tshark")
	}
	args := []string{"-r", file, "-T", "fields", "-E", "separator=;"}
	for _, field := range fields {
		args = append(args, "-e", field)
	}
	out, err := exec.Command(program, args...).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	var rows [][]string
	for line := range strings.Lines(string(out)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), ";"))
	}
	return rows
}

// TestTshark has tshark read the demo's capture, and compares what both see.
func TestTshark(t *testing.T) {
	for _, bulk := range []time.Duration{0, 300 * time.Millisecond} {
		path := filepath.Join(t.TempDir(), "demo.pcapng")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		r := run(t, Options{Pcap: file, Bulk: bulk})
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		compareWithTshark(t, r, tshark(t, path, "frame.number", "frame.interface_name", "mptcp.stream",
			"tcp.stream", "tcp.len", "tcp.flags.syn", "tcp.options.mptcp.subtype", "tcp.options.mptcp.recvtok", "frame.time_epoch"))
	}
}

func compareWithTshark(t *testing.T, r *Result, rows [][]string) {
	t.Helper()
	if got, want := uint64(len(rows)), r.Report.Packets.Total; got != want {
		t.Fatalf("tshark sees %d packets, want %d", got, want)
	}
	connections, subflows, payload := map[string]bool{}, map[string]string{}, map[string]uint64{}
	for _, row := range rows {
		path, connection, subflow := row[1], row[2], row[3]
		if connection != "" { // tshark leaves the first SYN out
			connections[connection] = true
		}
		subflows[subflow] = path
		n, err := strconv.ParseUint(row[4], 10, 64)
		if err != nil {
			t.Fatalf("row %v: %v", row, err)
		}
		payload[path] += n
		if token := row[7]; token != "" && strings.TrimPrefix(token, "0x") != r.Report.Connections[0].Keys[1].Token.String() &&
			token != strconv.FormatUint(uint64(r.Report.Connections[0].Keys[1].Token), 10) {
			t.Errorf("tshark sees token %s, want %v", token, r.Report.Connections[0].Keys[1].Token)
		}
	}
	if len(connections) != 1 || len(subflows) != 2 || !slices.Contains([]string{"red", "blue"}, subflows["0"]) {
		t.Errorf("tshark sees connections %v and subflows %v, want one of two", connections, subflows)
	}
	for _, flow := range r.Report.Connections[0].Subflows {
		sent := flow.ToServer.Bytes + flow.ToServer.Retransmitted + flow.ToServer.Reinjected
		if payload[flow.Path] != sent {
			t.Errorf("tshark sees %d bytes on %s, we see %d", payload[flow.Path], flow.Path, sent)
		}
	}
	if _, fraction, _ := strings.Cut(rows[0][8], "."); len(fraction) != 9 {
		t.Errorf("the time %s has no nanoseconds", rows[0][8])
	}
}
