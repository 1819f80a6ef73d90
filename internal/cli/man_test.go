package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
)

// TestManual has mandoc(1) look at the pages of all commands.
func TestManual(t *testing.T) {
	if _, err := exec.LookPath("mandoc"); err != nil {
		netnstest.Missing(t, err.Error())
	}
	folder := t.TempDir()
	if out, err := exec.Command(program(t), "man", "--all", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pages, err := filepath.Glob(filepath.Join(folder, "*.1"))
	if err != nil || len(pages) < 15 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	out, _ := exec.Command("mandoc", append([]string{"-T", "lint", "-W", "warning"}, pages...)...).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if !strings.Contains(line, "missing date") { // It would be that of the build.
			t.Error(line)
		}
	}
	page, err := os.ReadFile(filepath.Join(folder, "allroads-lab-run.1"))
	if err != nil || !strings.Contains(string(page), ".B \\-\\-junit FILE\n") || !strings.Contains(string(page), "allroads lab run examples/wifi\\-lte.yaml") {
		t.Errorf("%v, the page of lab run lacks something:\n%s", err, page)
	}
}
