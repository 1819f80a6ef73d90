package packets_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/packets"
	"allroads/trace"
)

// missing ends a test for want of what it needs.
func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("ALLROADS_REQUIRE_KERNEL") == "1" {
		t.Fatal(err)
	}
	t.Skip(err)
}

// lines are those of a capture.
func lines(t *testing.T, path string, o packets.Options) []string {
	t.Helper()
	file, err := trace.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, i := range file.Interfaces() {
		o.Names = append(o.Names, i.Name)
	}
	var text bytes.Buffer
	p := packets.New(&text, o)
	var packet trace.Packet
	number := uint64(1)
	for ; ; number++ {
		if err = file.Next(&packet); err != nil {
			break
		}
		if err := p.Packet(number, &packet); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	if err != io.EOF || text.Len() == 0 {
		t.Fatalf("%s: %v after %d packets", path, err, number-1)
	}
	return strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
}

// kept are the captures of scenes that a kernel played.
func kept(tb testing.TB) []string {
	tb.Helper()
	paths, err := filepath.Glob("testdata/*.pcapng.gz")
	if err != nil || len(paths) < 10 {
		tb.Fatal(paths, err)
	}
	return paths
}

// TestGolden: the scenes that are kept look as they did.
func TestGolden(t *testing.T) {
	for _, path := range kept(t) {
		name := strings.TrimSuffix(path, ".pcapng.gz")
		want, err := os.ReadFile(name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		got := lines(t, path, packets.Options{})
		wanted := strings.Split(strings.TrimSuffix(string(want), "\n"), "\n")
		if len(got) != len(wanted) {
			t.Fatalf("%s: %d lines, want %d", name, len(got), len(wanted))
		}
		for i := range got {
			if got[i] != wanted[i] {
				t.Errorf("%s, line %d:\n%s, want\n%s", name, i+1, got[i], wanted[i])
			}
		}
	}
}
