package cli_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/scenario"
)

// together is how many scenarios are played at once: they mostly wait.
const together = 3

// TestExamples plays the scenarios of all topologies that come with allroads, as
// root and as an ordinary user. What they expect is held by packets and the kernel.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("the scenarios take their time")
	}
	path, turn := program(t), make(chan struct{}, together)
	folder := filepath.Dir(path)
	if out, err := exec.Command("cp", "-r", "../../examples", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(folder, "examples", "*.yaml"))
	if err != nil || len(files) < 15 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	t.Run("all", func(t *testing.T) {
		for user, attributes := range users() {
			for _, file := range files {
				name := strings.TrimSuffix(filepath.Base(file), ".yaml")
				t.Run(user+"/"+name, func(t *testing.T) {
					t.Parallel()
					turn <- struct{}{}
					defer func() { <-turn }()
					cmd := exec.Command(path, "lab", "run", "--json", file)
					cmd.Dir, cmd.SysProcAttr = "/", attributes
					checkScenario(t, cmd)
				})
			}
		}
	})
	waitGone(t, path)
}

func checkScenario(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var report scenario.Report
	if jsonErr := json.Unmarshal(out, &report); jsonErr != nil {
		t.Fatalf("%v: %s%s", err, out, &stderr)
	}
	if err == nil && report.Passed && len(report.Expectations) > 0 {
		return
	}
	t.Errorf("%v, %s", err, &stderr)
	for _, step := range report.Steps {
		t.Logf("step %+v", step)
	}
	for _, expectation := range report.Expectations {
		if !expectation.Met {
			t.Errorf("%s: %s %s", expectation.Text, orNothing(expectation.Found), expectation.Why)
		}
	}
}

func orNothing(text *string) string {
	if text == nil {
		return "unknown"
	}
	return "it is " + *text
}
