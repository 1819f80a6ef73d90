package vm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const output = `=== RUN   TestGood
--- PASS: TestGood (0.48s)
    --- PASS: TestGood/sub (0.20s)
=== RUN   TestBad
    x_test.go:1: it says --- PASS: TestLie (0.00s)
--- FAIL: TestBad (0.00s)
--- SKIP: TestNot (0.00s)
=== RUN   TestCut
BenchmarkThing-2   	       1	2864776922 ns/op	         1.017 ratio
FAIL

allroads-vm: tests ended with 1
`

func TestParse(t *testing.T) {
	got := parse(output, "console")
	want := &Result{
		Tests:   map[string]Outcome{"TestGood": Passed, "TestGood/sub": Passed, "TestBad": Failed, "TestNot": Skipped},
		Benches: []string{"BenchmarkThing-2   \t       1\t2864776922 ns/op\t         1.017 ratio"},
		Exit:    1, Output: output, Console: "console",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"", "--- PASS: TestGood (0.48s)\nallroads-vm: tests ended wi", "allroads-vm: tests ended with \n"} {
		if got := parse(text, "").Exit; got != -1 {
			t.Errorf("the exit code of %q is %d", text, got)
		}
	}
}

// recorder is a test of which only what it says is of interest.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Helper() {}
func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

// TestJudge: nothing but a pass passes.
func TestJudge(t *testing.T) {
	result := parse(output, "")
	for name, passes := range map[string]bool{"TestGood": true, "TestBad": false, "TestNot": false, "TestCut": false, "TestLie": false, "TestNone": false} {
		r := &recorder{}
		result.judge(r, name)
		if (len(r.said) == 0) != passes {
			t.Errorf("judge of %s says %q", name, r.said)
		}
	}
}

func TestComplaints(t *testing.T) {
	r := Result{Console: "[    0.7] mtrr: your CPUs had inconsistent\n[    1.0] WARNING: CPU: 0 PID: 1 at x\n[ 2.0] BUG: kernel NULL pointer\n"}
	if got := strings.Join(r.complaints(), "|"); got != "[    1.0] WARNING: CPU: 0 PID: 1 at x|[ 2.0] BUG: kernel NULL pointer" {
		t.Errorf("complaints are %q", got)
	}
}
