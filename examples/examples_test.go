package examples_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"allroads/examples"
	"allroads/lab"
)

// Each topology that comes with allroads is valid, and is called what its file
// is.
func TestTopologies(t *testing.T) {
	paths, err := filepath.Glob("*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no topologies", err)
	}
	for _, path := range paths {
		topology, err := lab.Load(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if topology.Name+".yaml" != path {
			t.Errorf("%s holds topology %s", path, topology.Name)
		}
	}
}

func TestTwoPaths(t *testing.T) {
	text, err := os.ReadFile("two-paths.yaml")
	if err != nil || !bytes.Equal(text, examples.TwoPaths) {
		t.Errorf("embedded is not what is in the file; %v", err)
	}
}
