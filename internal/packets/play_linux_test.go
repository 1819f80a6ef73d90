package packets_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/packets"
)

var update = flag.Bool("update", false, "make testdata's captures and lines anew")

func (s scene) path(extension string) string {
	return filepath.Join("testdata", strings.ReplaceAll(s.name, " ", "-")+extension)
}

// TestScenes plays each scene with the kernel of this machine: there is what is to
// be seen, and tshark sees the same.
func TestScenes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds labs")
	}
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			raw := s.record(t)
			path := filepath.Join(t.TempDir(), "scene.pcapng")
			if err := os.WriteFile(path, raw, 0o600); err != nil {
				t.Fatal(err)
			}
			got := lines(t, path, packets.Options{})
			all := strings.Join(got, "\n")
			for _, want := range s.wants {
				if !strings.Contains(all, want) {
					t.Errorf("no line with %q in\n%s", want, all)
				}
			}
			if strings.Contains(all, "malformed") || strings.Contains(all, "unknown version") {
				t.Errorf("malformed or unknown:\n%s", all)
			}
			compareWithTshark(t, path, got)
			compareWithTcpdump(t, path, got)
			if *update && !t.Failed() {
				s.keep(t, raw, got)
			}
		})
	}
}

func (s scene) keep(t *testing.T, raw []byte, lines []string) {
	var file bytes.Buffer
	zip := gzip.NewWriter(&file)
	_, err := zip.Write(raw)
	err = errors.Join(err, zip.Close(), os.MkdirAll("testdata", 0o755),
		os.WriteFile(s.path(".pcapng.gz"), file.Bytes(), 0o644),
		os.WriteFile(s.path(".txt"), []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	if err != nil {
		t.Fatal(err)
	}
}
