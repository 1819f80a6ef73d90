package extract_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"allroads/internal/capture"
	"allroads/internal/extract"
	"allroads/trace"

	"github.com/google/go-cmp/cmp"
)

// checkConnection extracts a connection of a capture, its data and its packets.
func checkConnection(t *testing.T, all string, id int, want said) {
	t.Helper()
	before := report(t, all, id)
	if len(before.Subflows) < 2 || before.ToServer.Reordering.Packets == 0 {
		t.Errorf("connection %d has %d subflows, and %d packets out of order: too easy", id, len(before.Subflows), before.ToServer.Reordering.Packets)
	}
	got, summary, err := streams(t, extract.StreamOptions{}, fmt.Sprint(id), all)
	if err != nil || summary.Damage != nil {
		t.Fatalf("connection %d: %v, %v", id, err, summary.Damage)
	}
	wantSaid(t, got, want)
	for _, end := range summary.Ends {
		if !end.Complete || end.Begin != 0 || len(end.Holes) > 0 {
			t.Errorf("%+v", end)
		}
	}
	one := packets(t, all, id)
	after := report(t, one, 1)
	compare(t, before, after)
	// tshark leaves the first SYN out of mptcp.stream, which has no key in version 1.
	flows := tshark(t, all, "-Y", fmt.Sprintf("mptcp.stream==%d", id-1), "-T", "fields", "-e", "tcp.stream")
	slices.Sort(flows)
	fields := []string{"-T", "fields", "-e", "frame.time_epoch", "-e", "frame.interface_name", "-e", "tcp.seq_raw", "-e", "frame.len"}
	theirs := tshark(t, all, append(fields, "-Y", "tcp.stream in {"+strings.Join(slices.Compact(flows), ",")+"}")...)
	ours := tshark(t, one, fields...)
	if diff := cmp.Diff(theirs, ours); diff != "" || len(ours) < 100 {
		t.Errorf("%d packets, tshark has %d: -tshark +ours\n%.2000s", len(ours), len(theirs), diff)
	}
}

// packets extracts a connection to a file.
func packets(t *testing.T, all string, id int) (path string) {
	t.Helper()
	var out bytes.Buffer
	summary, err := extract.Packets(context.Background(), []string{all}, selector(t, fmt.Sprint(id)), extract.Options{}, &out)
	must(t, err)
	if summary.Damage != nil || summary.Packets == 0 {
		t.Fatalf("%+v", summary)
	}
	path = filepath.Join(t.TempDir(), "one.pcapng")
	must(t, os.WriteFile(path, out.Bytes(), 0o600))
	return path
}

// report analyzes a file.
func report(t testing.TB, path string, id int) *trace.Connection {
	t.Helper()
	in, err := trace.Open(path)
	must(t, err)
	defer in.Close()
	r, err := in.Analyze(context.Background(), trace.Options{Midway: true, Chart: 64}, nil)
	must(t, err)
	for i := range r.Connections {
		if r.Connections[i].ID == id {
			return &r.Connections[i]
		}
	}
	t.Fatalf("%s has no connection %d", path, id)
	return nil
}

// compare compares what is said of a connection, but for its number and those of
// packets.
func compare(t *testing.T, before, after *trace.Connection) {
	t.Helper()
	text := func(c *trace.Connection) any {
		c.ID = 0
		for i := range c.Events {
			c.Events[i].Packet = 0
		}
		for i := range c.Conclusion.Findings {
			c.Conclusion.Findings[i].Packet = 0
		}
		if c.Fallback != nil {
			c.Fallback.Packet = 0
		}
		b, err := json.Marshal(c)
		must(t, err)
		var out any
		must(t, json.Unmarshal(b, &out))
		return out
	}
	if diff := cmp.Diff(text(before), text(after)); diff != "" {
		t.Errorf("the report of the extract: -before +after\n%.3000s", diff)
	}
}

func tshark(t *testing.T, path string, args ...string) []string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command("tshark", append([]string{"-n", "-r", path, "-o", "tcp.desegment_tcp_streams:FALSE"}, args...)...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("tshark: %v: %s", err, &stderr)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// rewritten copies a capture, with packets changed or left out.
func rewritten(t testing.TB, path string, change func(n int, p *capture.Packet) bool) string {
	t.Helper()
	in, err := capture.OpenFile(path)
	must(t, err)
	defer in.Close()
	var p capture.Packet
	var out bytes.Buffer
	var w *capture.Writer
	for n := 0; in.Read(&p) == nil; n++ {
		if w == nil {
			w, err = capture.NewFileWriter(&out, in.Interfaces())
			must(t, err)
		}
		if change(n, &p) {
			must(t, w.Write(&p))
		}
	}
	must(t, w.Close(nil))
	name := filepath.Join(t.TempDir(), "changed.pcapng")
	must(t, os.WriteFile(name, out.Bytes(), 0o600))
	return name
}

// checkMidway leaves out the start of connection 1: what is put together is the end of
// what was sent.
func checkMidway(t *testing.T, all string, want said) {
	t.Helper()
	late := rewritten(t, all, func(n int, _ *capture.Packet) bool { return n > 600 })
	got, summary, err := streams(t, extract.StreamOptions{}, "1", late)
	if err != nil || summary.Connection.Inferred == "" {
		t.Fatalf("%v, %+v", err, summary.Connection)
	}
	if len(got.client) < len(want.client)/3 || len(got.server) < len(want.server)/3 ||
		!bytes.HasSuffix(want.client, got.client) || !bytes.HasSuffix(want.server, got.server) {
		t.Errorf("%d and %d bytes, not the end of %d and %d", len(got.client), len(got.server), len(want.client), len(want.server))
	}
}
