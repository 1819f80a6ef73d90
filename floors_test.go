package allroads_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floorLine is a line of the table in ARCHITECTURE.md: a floor's number on its
// first one, a package, what it is for.
var floorLine = regexp.MustCompile(`^([0-9]?) +([a-z/]+)  +(.+)$`)

// sidewaysNote is how the table allows an import inside a floor.
var sidewaysNote = regexp.MustCompile(`Imports ([a-z/, ]+)$`)

// readFloors reads the table: the floor of each package, and which others of
// its floor it may import.
func readFloors(t *testing.T) (floors map[string]int, sideways map[string][]string) {
	t.Helper()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "## Floors")
	_, table, begun := strings.Cut(table, "```\n")
	table, _, ended := strings.Cut(table, "```\n")
	if !found || !begun || !ended {
		t.Fatal("ARCHITECTURE.md has no table of floors")
	}
	floors, sideways = map[string]int{}, map[string][]string{}
	floor := 0
	for line := range strings.Lines(table) {
		match := floorLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if match == nil {
			t.Fatalf("not a line of the table: %q", line)
		}
		if match[1] != "" {
			floor, _ = strconv.Atoi(match[1])
		}
		floors[match[2]] = floor
		if note := sidewaysNote.FindStringSubmatch(match[3]); note != nil {
			sideways[match[2]] = strings.Split(note[1], ", ")
		}
	}
	return floors, sideways
}

// testOnly may be imported by tests alone, and stands on the floor above what
// it helps to test.
var testOnly = []string{
	"internal/fullscreen/tmuxtest", "internal/netns/netnstest", "internal/vm", "internal/vm/guest", "internal/vm/init",
	"internal/unit/systemdtest", "pathmanager/pathmanagertest",
}

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

func TestFloors(t *testing.T) {
	floors, sideways := readFloors(t)
	seen := map[string]bool{}
	for _, p := range listPackages(t, "./...") {
		name := strings.TrimPrefix(p.ImportPath, module)
		if len(p.GoFiles) == 0 || slices.Contains(testOnly, name) {
			continue
		}
		seen[name] = true
		floor, listed := floors[name]
		if !listed {
			t.Errorf("%s stands on no floor: add it to the table of ARCHITECTURE.md", name)
		}
		for _, imported := range p.Imports {
			other, ours := strings.CutPrefix(imported, module)
			if !ours {
				continue
			}
			if below, listed := floors[other]; (!listed || below >= floor) && !slices.Contains(sideways[name], other) {
				t.Errorf("%s (floor %d) imports %s (floor %d): imports go down only", name, floor, other, below)
			}
		}
	}
	for name := range floors {
		if !seen[name] {
			t.Errorf("ARCHITECTURE.md lists %s, which does not exist", name)
		}
	}
}

// TestWireIsPure: whoever only wants the codec should get nothing else.
func TestWireIsPure(t *testing.T) {
	packages := listPackages(t, "-deps", "./wire")
	for _, p := range packages {
		if host, _, _ := strings.Cut(p.ImportPath, "/"); strings.Contains(host, ".") {
			t.Errorf("wire depends on %s", p.ImportPath)
		}
	}
	if len(packages) < 10 {
		t.Errorf("wire has %d dependencies only", len(packages))
	}
}
