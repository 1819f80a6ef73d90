package sketch_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares what was drawn with a file, or writes the file.
func golden(t *testing.T, name, drawn string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(drawn), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), drawn); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// pages are the ways to draw each topology in its golden file.
var pages = []struct {
	width   int
	unicode bool
}{{0, true}, {80, true}, {80, false}, {40, false}}

func TestGolden(t *testing.T) {
	for name, g := range topologies {
		t.Run(name, func(t *testing.T) {
			text := ""
			for _, p := range pages {
				text += fmt.Sprintf("==== width %d, unicode %t\n%s", p.width, p.unicode, g.Text(p.width, p.unicode))
			}
			golden(t, name+".txt", text)
			golden(t, name+".svg", string(g.SVG()))
		})
	}
}

// TestGoldenFiles finds files that belong to no topology.
func TestGoldenFiles(t *testing.T) {
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := f.Name()
		base := name[:len(name)-len(filepath.Ext(name))]
		if _, ok := topologies[base]; !ok && !f.IsDir() {
			t.Errorf("testdata/%s belongs to no topology", name)
		}
	}
	if len(files) < 2*len(topologies) {
		t.Errorf("%d golden files for %d topologies", len(files), len(topologies))
	}
}
