package allroads_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// floors is the table of ARCHITECTURE.md: a package imports from lower floors
// only, and sideways only where sideways says so.
var floors = [][]string{
	{"wire", "examples"},
	{"internal/nl", "internal/netns"},
	{"internal/rtnl", "internal/capture", "mptcp", "pathmanager"},
	{"lab", "trace"},
	{"internal/cli", "internal/demo"},
	{"cmd/allroads"},
}

var sideways = map[string][]string{
	"internal/cli": {"internal/demo"},
}

// testOnly may be imported by tests alone, and stands on the floor above what
// it helps to test.
var testOnly = []string{"internal/netns/netnstest"}

const module = "allroads/"

// goPackage is what `go list -json` says of a package.
type goPackage struct {
	ImportPath string
	Imports    []string
	GoFiles    []string
	Export     string
}

func listPackages(t *testing.T, args ...string) (packages []goPackage) {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list", "-json=ImportPath,Imports,GoFiles,Export"}, args...)...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func floorOf(name string) int {
	return slices.IndexFunc(floors, func(floor []string) bool { return slices.Contains(floor, name) })
}

func TestFloors(t *testing.T) {
	seen := 0
	for _, p := range listPackages(t, "./...") {
		name := strings.TrimPrefix(p.ImportPath, module)
		if len(p.GoFiles) == 0 || slices.Contains(testOnly, name) {
			continue
		}
		seen++
		floor := floorOf(name)
		if floor < 0 {
			t.Errorf("%s stands on no floor: add it to the table, here and in ARCHITECTURE.md", name)
		}
		for _, imported := range p.Imports {
			other, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			down := floorOf(other) >= 0 && floorOf(other) < floor
			if !down && !slices.Contains(sideways[name], other) {
				t.Errorf("%s (floor %d) imports %s (floor %d): imports go down only", name, floor, other, floorOf(other))
			}
		}
	}
	listed := 0
	for _, floor := range floors {
		listed += len(floor)
	}
	if seen != listed {
		t.Errorf("%d packages, %d are in the table", seen, listed)
	}
}
