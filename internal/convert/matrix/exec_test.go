package matrix

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"allroads/internal/convert"
)

// TestExec: allroads becomes the program, which keeps its process number; whoever supervises
// it is no child of it, and ends with it.
func TestExec(t *testing.T) {
	for _, u := range users {
		t.Run(string(u), func(t *testing.T) {
			t.Parallel()
			scene := newScene(t)
			r := job{
				host: scene.here, user: u, strategy: convert.Notify, flags: []string{"--exec"},
				program: []string{program(t, "dynamic"), "pid", "each"},
			}.start(t)
			r.expect(fmt.Sprintf("pid %d", r.Process.Pid), "ready")
			r.say("4")
			r.expect("protocol 262")
			if err := unix.Kill(r.Process.Pid, unix.SIGTERM); err != nil {
				t.Fatal(err)
			}
			r.await()
			scene.empty(t)
			o := r.all()
			if want := 128 + int(unix.SIGTERM); o.code != want {
				t.Errorf("exit code %d, not %d", o.code, want)
			}
			o.counted(t, 1, 1)
		})
	}
}

// TestExecTrace: with --exec, nobody is there to trace.
func TestExecTrace(t *testing.T) {
	t.Parallel()
	scene := newScene(t)
	o := job{host: scene.here, user: root, strategy: convert.Trace, flags: []string{"--exec"}, program: []string{program(t, "dynamic"), "open"}}.run(t)
	if o.code != 3 || len(o.lines) > 0 {
		t.Errorf("exit code %d, prints %q, says %s", o.code, o.lines, o.said)
	}
}
