package vm

import (
	"strconv"
	"strings"
)

// Outcome of a test in the guest, in go test's own word.
type Outcome string

// Outcomes. A test that is in no Result did not run.
const (
	Passed  Outcome = "PASS"
	Failed  Outcome = "FAIL"
	Skipped Outcome = "SKIP"
)

// Result is what a guest said.
type Result struct {
	Tests   map[string]Outcome // of each test and subtest that came to an end
	Benches []string           // the lines of benchmarks, as go test prints them
	Exit    int                // the tests' exit code; -1 if they did not come to an end
	Output  string             // all that the tests printed
	Console string             // what the kernel and the first process printed
}

// parse reads what go test -v prints. A line of a test's own output that looks like
// an outcome is taken for one, so tests do not print such.
func parse(output, console string) *Result {
	r := &Result{Tests: map[string]Outcome{}, Exit: -1, Output: output, Console: console}
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\n")
		if code, ok := strings.CutPrefix(line, EndMark); ok {
			if n, err := strconv.Atoi(code); err == nil {
				r.Exit = n
			}
		}
		if strings.HasPrefix(line, "Benchmark") && strings.Contains(line, " ns/op") {
			r.Benches = append(r.Benches, line)
		}
		words := strings.Fields(line)
		if len(words) == 4 && words[0] == "---" {
			r.Tests[words[2]] = Outcome(strings.TrimSuffix(words[1], ":"))
		}
	}
	return r
}

// complaints are lines of the kernel's that tell of a fault of its own.
func (r *Result) complaints() []string {
	var found []string
	for line := range strings.Lines(r.Console) {
		for _, sign := range []string{"BUG: ", "WARNING: ", "Oops: ", "Kernel panic", "INFO: task "} {
			if strings.Contains(line, sign) {
				found = append(found, strings.TrimSpace(line))
			}
		}
	}
	return found
}
