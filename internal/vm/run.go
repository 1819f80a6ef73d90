package vm

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Run starts a virtual machine for the job, and is the test of each test that ran
// there: a subtest for each of the package's tests that the job asks for fails
// unless the guest said that it passed. One that was skipped, or never ran, fails.
// Where virtual machines are not asked for, or cannot be had, t is skipped with the
// reason.
func Run(t *testing.T, job Job) *Result {
	t.Helper()
	return job.run(t, func(result *Result, wanted []string) {
		for _, name := range wanted {
			t.Run(name, func(t *testing.T) { result.judge(t, name) })
		}
	})
}

// Bench is Run for the benchmarks that the job asks for, and none of its tests.
// Their lines go to the log, and their metrics, as "NAME:unit", become b's. It fails
// when there is none.
func Bench(b *testing.B, job Job) *Result {
	b.Helper()
	job.Run = "^$"
	return job.run(b, func(result *Result, _ []string) {
		if len(result.Benches) == 0 {
			b.Errorf("the guest ran no benchmark %s", job.Bench)
		}
		for _, line := range result.Benches {
			b.Log(line)
			report(b, line)
		}
	})
}

// report makes the metrics of a benchmark's line those of b, which has no time of
// its own.
func report(b *testing.B, line string) {
	words := strings.Fields(line)
	b.ReportMetric(0, "ns/op")
	for i := 2; i+1 < len(words); i += 2 {
		if value, err := strconv.ParseFloat(words[i], 64); err == nil && words[i+1] != "ns/op" {
			name, _, _ := strings.Cut(strings.TrimPrefix(words[0], "Benchmark"), "-")
			b.ReportMetric(value, name+":"+words[i+1])
		}
	}
}

// run starts the virtual machine, and has its result judged.
func (j *Job) run(t testing.TB, judge func(*Result, []string)) *Result {
	t.Helper()
	require(t)
	dir := t.TempDir()
	k, err := cached()
	if err != nil {
		Missing(t, "a kernel: "+strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	wanted := j.prepare(t, k, dir)
	began := time.Now()
	output, console, err := j.boot(k, dir)
	result := parse(output, console)
	t.Logf("kernel %s, %.1f s from its start to its end", k.release, time.Since(began).Seconds())
	if err != nil {
		t.Errorf("virtual machine: %v", err)
	}
	judge(result, wanted)
	if result.Exit != 0 {
		t.Errorf("the tests' exit code in the guest is %d (-1: there was none)", result.Exit)
	}
	for _, line := range result.complaints() {
		t.Errorf("the kernel complains: %s", line)
	}
	if t.Failed() {
		t.Logf("the tests printed:\n%s\nthe kernel printed:\n%s", result.Output, result.Console)
	}
	return result
}

// prepare builds the initramfs, and returns the names of the tests that have to
// pass.
func (j *Job) prepare(t testing.TB, k *kernel, dir string) []string {
	t.Helper()
	files, err := j.build(dir)
	var missing missingError
	if errors.As(err, &missing) {
		Missing(t, missing.what)
	}
	if err != nil {
		t.Fatal(err)
	}
	modules, err := k.load(j.Modules)
	if err != nil {
		t.Fatal(err)
	}
	wanted, err := j.tests(files[testFile])
	if err != nil {
		t.Fatal(err)
	}
	if err := files.write(filepath.Join(dir, initramfs), modules, j.plan()); err != nil {
		t.Fatal(err)
	}
	return wanted
}

// tests asks the binary itself, here, which of its tests the job means.
func (j *Job) tests(binary string) ([]string, error) {
	top, _, _ := strings.Cut(or(j.Run, "."), "/")
	out, err := exec.Command(binary, "-test.list="+top).Output()
	if err != nil {
		return nil, fmt.Errorf("list the tests of %s: %w", j.Package, err)
	}
	var names []string
	for _, name := range strings.Fields(string(out)) {
		if strings.HasPrefix(name, "Test") {
			names = append(names, name)
		}
	}
	for _, name := range j.Want {
		if !slices.Contains(names, name) {
			names = append(names, name) // It will not run, and be missed.
		}
	}
	if len(names) == 0 && j.Bench == "" {
		return nil, fmt.Errorf("list the tests of %s: none is called %s", j.Package, j.Run)
	}
	return names, nil
}

func (j *Job) plan() Plan {
	args := []string{testFile, "-test.v", "-test.timeout=" + or(j.Timeout, 3*time.Minute).String(),
		"-test.run=" + or(j.Run, ".")}
	if j.Bench != "" {
		args = append(args, "-test.bench="+j.Bench, "-test.benchtime=1x")
	}
	env := []string{"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "TMPDIR=/tmp", "ALLROADS_REQUIRE_KERNEL=1", InsideVariable + "=1"}
	return Plan{Args: args, Dir: testDir, Env: append(env, j.Env...)}
}

// judge fails the test unless the guest said that the one of the same name passed.
func (r *Result) judge(t testing.TB, name string) {
	t.Helper()
	switch outcome, ran := r.Tests[name]; {
	case !ran:
		t.Errorf("%s did not run in the guest, or did not come to an end", name)
	case outcome != Passed:
		t.Errorf("%s: the guest says %s", name, outcome)
	}
}
