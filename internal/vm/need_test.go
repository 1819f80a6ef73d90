package vm

import (
	"fmt"
	"strings"
	"testing"
)

// ender is a test of which only the end is of interest.
type ender struct {
	testing.TB
	end string
}

func (e *ender) Helper()                           {}
func (e *ender) Skipf(format string, args ...any)  { e.finish("skip", format, args) }
func (e *ender) Fatalf(format string, args ...any) { e.finish("fail", format, args) }

func (e *ender) finish(how, format string, args []any) {
	e.end = how + ": " + fmt.Sprintf(format, args...)
	panic(e)
}

func endOf(fn func(testing.TB)) (end string) {
	e := &ender{}
	defer func() {
		if recover() == e {
			end = e.end
		}
	}()
	fn(e)
	return "no end"
}

// TestNeed: what is not asked for is skipped, what is missing too, unless it is
// required.
func TestNeed(t *testing.T) {
	for _, c := range []struct{ ask, require, path, want string }{
		{"", "", "/none", "skip: virtual machines are not asked for"},
		{"1", "", "/none", "skip: missing: program qemu-system-x86_64, of the Debian package qemu-system-x86"},
		{"", "1", "/none", "fail: ALLROADS_REQUIRE_VM=1, but missing: program qemu-system-x86_64"},
		{"1", "1", "/none", "fail: ALLROADS_REQUIRE_VM=1, but missing: program qemu-system-x86_64"},
	} {
		t.Setenv(askVariable, c.ask)
		t.Setenv(requireVariable, c.require)
		t.Setenv("PATH", c.path)
		if got := endOf(require); !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
