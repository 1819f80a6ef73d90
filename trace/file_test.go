package trace_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allroads/trace"
)

func openFiles(t *testing.T, paths ...string) *trace.File {
	t.Helper()
	file, err := trace.Open(paths...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

// TestOpen analyzes a file, with its connections in the report and given away.
func TestOpen(t *testing.T) {
	const want = "PROVEN: 1 connection, 2 subflows over 2 paths"
	file := openFiles(t, twoPaths)
	report, err := file.Analyze(t.Context(), trace.Options{}, nil)
	if err != nil || report.Verdict.String() != want || len(report.Connections) != 1 {
		t.Fatalf("%v, %v", report.Verdict, err)
	}
	if !report.Connections[0].Verdict.Proven || len(report.Connections[0].Verdict.Reasons) != 0 {
		t.Errorf("%+v", report.Connections[0].Verdict)
	}
	if stats := file.Stats(); stats.Packets != report.Packets.Total || len(file.Interfaces()) < 2 {
		t.Errorf("%+v, %+v", stats, file.Interfaces())
	}
	if read, total := file.Position(); read != total || total <= 0 {
		t.Errorf("at %d of %d bytes", read, total)
	}
	given := 0
	report, err = openFiles(t, twoPaths).Analyze(t.Context(), trace.Options{}, func(c *trace.Connection) {
		given++
		for _, flow := range c.Subflows {
			if flow.Verified == nil || !*flow.Verified {
				t.Errorf("subflow %d is not verified", flow.ID)
			}
		}
	})
	if err != nil || given != 1 || len(report.Connections) != 0 || report.Verdict.String() != want {
		t.Errorf("%d connections, %v, %v", given, report.Verdict, err)
	}
}

// TestOpenCut: what comes before the damage is a result.
func TestOpenCut(t *testing.T) {
	whole, err := os.ReadFile(twoPaths)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut")
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	file := openFiles(t, path)
	report, err := file.Analyze(t.Context(), trace.Options{}, nil)
	if !errors.Is(err, io.ErrUnexpectedEOF) || report.Packets.Total == 0 || report.Verdict.Proven {
		t.Errorf("%v, %v", report.Verdict, err)
	}
	var p trace.Packet
	if again := file.Next(&p); again != err {
		t.Errorf("once more: %v", again)
	}
}

// TestOpenNot: what is no capture.
func TestOpenNot(t *testing.T) {
	for path, want := range map[string]string{"file_test.go": "no capture file", "no-such-file": "no such file", "testdata": "directory"} {
		if _, err := trace.Open(twoPaths, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := trace.Open(); err == nil {
		t.Error("no file is no error")
	}
}

// TestAnalyzeStopped: whoever has had enough gets the report up to there.
func TestAnalyzeStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	report, err := openFiles(t, twoPaths).Analyze(ctx, trace.Options{}, nil)
	if !errors.Is(err, context.Canceled) || report == nil {
		t.Errorf("%v, %v", report, err)
	}
}

// TestSelector names a connection in all ways, and in none.
func TestSelector(t *testing.T) {
	report, err := openFiles(t, twoPaths).Analyze(t.Context(), trace.Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	conn := &report.Connections[0]
	server := conn.Tokens.Server.String()
	for text, want := range map[string]bool{
		"1": true, "2": false, conn.Tokens.Client.String(): true, server: true,
		"0x" + strings.TrimLeft(server, "0"): true, strings.ToUpper(server): true, "00000000": false,
	} {
		if s, err := trace.ParseSelector(text); err != nil || s.Match(conn) != want {
			t.Errorf("%s: %v, match %v, want %v", text, err, s.Match(conn), want)
		} else if again, err := trace.ParseSelector(s.String()); err != nil || again != s {
			t.Errorf("%s: %v again: %v, %v", text, s, again, err)
		}
	}
	for _, text := range []string{"", "0", "-1", "abcdef", "0x", "0x123456789", "zzzzzzzz", "1.5", "99999999999"} {
		if s, err := trace.ParseSelector(text); err == nil {
			t.Errorf("%q is %v", text, s)
		}
	}
}
