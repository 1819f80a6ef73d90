package lab_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"allroads/lab"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestCommands compares the steps of a topology that has some of everything
// with a script. That the script does what Up does is for TestUpLikeShell.
func TestCommands(t *testing.T) {
	topology, err := lab.Load("testdata/shaped-v6.yaml")
	must(t, err)
	got := strings.Join(lab.Commands(topology), "\n") + "\n"
	const golden = "testdata/shaped-v6.sh"
	if *update {
		must(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}
