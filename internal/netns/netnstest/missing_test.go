package netnstest_test

import (
	"fmt"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

// recorder is a test of which only the end is of interest.
type recorder struct {
	testing.TB
	end string
}

func (r *recorder) Helper()                           {}
func (r *recorder) Skipf(format string, args ...any)  { r.finish("skip", format, args) }
func (r *recorder) Fatalf(format string, args ...any) { r.finish("fail", format, args) }

func (r *recorder) finish(how, format string, args []any) {
	r.end = how + ": " + fmt.Sprintf(format, args...)
	panic(r)
}

// endOf runs fn until it ends the test, and tells how.
func endOf(fn func(testing.TB)) (end string) {
	r := &recorder{}
	defer func() {
		if recover() == r {
			end = r.end
		}
	}()
	fn(r)
	return "no end"
}

func TestMissing(t *testing.T) {
	missing := func(t testing.TB) { netnstest.Missing(t, "a thing") }
	t.Setenv("ALLROADS_REQUIRE_KERNEL", "")
	if got := endOf(missing); got != "skip: missing: a thing" {
		t.Errorf("Missing ends in %q", got)
	}
	t.Setenv("ALLROADS_REQUIRE_KERNEL", "1")
	if got := endOf(missing); got != "fail: ALLROADS_REQUIRE_KERNEL=1, but missing: a thing" {
		t.Errorf("Missing, where nothing may be missing, ends in %q", got)
	}
}

func TestRunOfNoProgram(t *testing.T) {
	t.Setenv("ALLROADS_REQUIRE_KERNEL", "")
	got := endOf(func(t testing.TB) { _, _ = netnstest.Run(t, (*netns.NS)(nil), "no-such-program at all") })
	if got != "skip: missing: program no-such-program" {
		t.Errorf("Run of a program that is not installed ends in %q", got)
	}
}
