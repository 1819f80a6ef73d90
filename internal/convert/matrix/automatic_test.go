package matrix

import (
	"strings"
	"testing"

	"allroads/internal/convert"
)

// TestAutomatic: what is taken for an ordinary user when nobody asks for a strategy, and it
// works.
func TestAutomatic(t *testing.T) {
	scene := newScene(t)
	for _, c := range []struct {
		flags []string
		want  convert.Strategy
	}{
		{nil, convert.Notify},
		{[]string{"--require"}, convert.Notify},
		{[]string{"--except", ":1"}, convert.Notify},
		{[]string{"--preserve-identity"}, convert.Trace},
	} {
		o := job{host: scene.here, user: ordinary, flags: c.flags, program: []string{program(t, "static"), "own-filter"}}.run(t)
		o.succeeded(t)
		o.counted(t, 0, 0)
		if o.report.Strategy != c.want {
			t.Errorf("%q: %q was taken, not %q, since %+v", c.flags, o.report.Strategy, c.want, o.report.Others)
		}
	}
	scene.empty(t)
}

// TestGodebugRefused: what is not written in Go is not even started.
func TestGodebugRefused(t *testing.T) {
	scene := newScene(t)
	for _, command := range [][]string{of("dynamic")(t), of("static")(t), python(t), shell(t)} {
		o := job{host: scene.here, user: root, strategy: convert.Godebug, program: append(command, "open")}.run(t)
		if o.code != 3 || len(o.lines) > 0 || !strings.Contains(o.said, "not written in Go") {
			t.Errorf("%q: exit code %d, prints %q, says %s", command, o.code, o.lines, o.said)
		}
	}
	scene.empty(t)
}
