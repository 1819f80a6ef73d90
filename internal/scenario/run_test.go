package scenario_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"allroads/internal/scenario"
)

// TestRun: commands run in their host, and how they end is told.
func TestRun(t *testing.T) {
	t.Parallel()
	r := play(t, topology(t, `
scenario:
  steps:
    - {name: fine, run: [sh, -c, "echo out; echo err >&2"]}
    - {name: three, run: [sh, -c, "exit 3"], exit: 3}
    - {name: judged, run: [sh, -c, "exit 4"]}
    - {name: killed, run: [sh, -c, "kill -TERM $$"], exit: 143, in: server}
    - {name: chatty, run: [sh, -c, "seq 10000; echo last"]}
    - {name: here, run: [ip, -br, address], in: server}
    - expect: [exit fine == 0, exit judged > 3]
  expect: [exit three == 3, exit judged == 4, exit killed == 143]
`))
	passes(t, r)
	if out := r.Steps[0].Output; out != "out\nerr\n" {
		t.Errorf("output %q", out)
	}
	if out := r.Steps[4].Output; len(out) != 16<<10 || !strings.HasSuffix(out, "\n9999\n10000\nlast\n") {
		t.Errorf("%d bytes of output end in %q", len(out), out[max(0, len(out)-20):])
	}
	if out := r.Steps[5].Output; !strings.Contains(out, "10.0.1.2/24") || strings.Contains(out, "10.0.1.1/24") {
		t.Errorf("not the addresses of the server: %s", out)
	}
}

// TestRunFails: what commands do wrong makes their step fail, and no other.
func TestRunFails(t *testing.T) {
	t.Parallel()
	r := play(t, topology(t, `
scenario:
  steps:
    - {name: wrong, run: [sh, -c, "echo why; exit 2"]}
    - {name: missing, run: [no-such-program]}
    - {name: zero, run: ["true"], exit: 1}
    - {name: fine, run: ["true"]}
  expect: [exit missing == 0]
`))
	for i, why := range []string{"exit code 2, not 0", "start no-such-program in client: executable file not found in $PATH", "exit code 0, not 1", ""} {
		if s := r.Steps[i]; s.Error != why || s.Passed != (why == "") {
			t.Errorf("%+v, want error %q", s, why)
		}
	}
	if r.Passed || r.Steps[0].Output != "why\n" || *r.Steps[0].Exit != 2 || r.Steps[1].Exit != nil {
		t.Errorf("passed: %v\n%s", r.Passed, describe(r))
	}
	if j := r.Expectations[0]; j.Met || j.Found != nil || j.Why != "unknown: the command has not ended by itself" {
		t.Errorf("%+v", j)
	}
}

// TestLeftBehind: what a command leaves running does not hold it up, and is gone
// in the end, with what it has written.
func TestLeftBehind(t *testing.T) {
	t.Parallel()
	r := play(t, topology(t, `
scenario:
  steps:
    - {run: [sh, -c, "(echo early; sleep 0.4; echo later; `+slumber(1)+`) & exit 0"]}
    - {at: 900ms, run: ["true"]}
`))
	passes(t, r)
	if s := r.Steps[0]; s.Output != "early\nlater\n" || *s.End > *r.Steps[1].Begin {
		t.Errorf("%+v", s)
	}
	gone(t, slumber(1))
}

// slumber is the command line of a process that no other test has.
func slumber(number int) string { return fmt.Sprintf("sleep 6%d.%d", number, os.Getpid()) }

// gone waits until no process has a command line.
func gone(t *testing.T, line string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		files, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil || len(files) == 0 {
			t.Fatalf("%d processes, %v", len(files), err)
		}
		runs := slices.ContainsFunc(files, func(file string) bool {
			text, _ := os.ReadFile(file) // It may have ended.
			return string(text) == strings.ReplaceAll(line, " ", "\x00")+"\x00"
		})
		if !runs {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("%s still runs", line)
			return
		}
	}
}

// TestTimeout ends all that runs, and begins no more.
func TestTimeout(t *testing.T) {
	t.Parallel()
	var judged []string
	r, err := playIn(t, topology(t, `
scenario:
  timeout: 600ms
  steps:
    - {name: long, run: [sh, -c, "echo begun; `+slumber(2)+`"]}
    - {name: deaf, at: 1ms, run: [sh, -c, "trap '' TERM; `+slumber(3)+`; `+slumber(4)+`"]}
    - expect: [connections == 0]
    - {at: 10s, run: ["true"]}
  expect: [exit long == 143, connections == 0]
`), scenario.Options{Observer: scenario.Observer{Judged: func(j scenario.Judgement) { judged = append(judged, j.Text) }}})
	if err != nil {
		t.Fatal(err)
	}
	for i, why := range []string{"timed out", "timed out", "timed out before it began", "timed out before it began"} {
		s := r.Steps[i]
		if s.Passed || s.Error != why || s.Exit != nil || (s.Begin == nil) != (i > 1) {
			t.Errorf("%+v, want error %q", s, why)
		}
	}
	want := []string{"unknown: timed out before it began", "unknown: the command has not ended by itself", ""}
	for i, j := range r.Expectations {
		if j.Why != want[i] || j.Met != (want[i] == "") {
			t.Errorf("%+v, want %q", j, want[i])
		}
	}
	if r.Passed || len(judged) != 3 || r.Steps[0].Output != "begun\n" || r.Duration > 20*time.Second {
		t.Errorf("passed: %v in %v, judged %q\n%s", r.Passed, r.Duration, judged, describe(r))
	}
	for number := range 5 {
		gone(t, slumber(number))
	}
}
