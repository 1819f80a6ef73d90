package matrix

import (
	"os"
	"strings"
	"testing"

	"allroads/internal/convert"
	"allroads/lab"
)

func enable(t *testing.T, host *lab.Host, value string) {
	t.Helper()
	if err := host.Run(func() error { return os.WriteFile("/proc/sys/net/mptcp/enabled", []byte(value), 0) }); err != nil {
		t.Fatal(err)
	}
}

// TestSwitchedOff: without MPTCP there is nothing to do, and what to do about that is
// said.
func TestSwitchedOff(t *testing.T) {
	scene := newScene(t)
	enable(t, scene.here, "0")
	for _, s := range append([]convert.Strategy{"", convert.Godebug}, filters...) {
		o := job{host: scene.here, user: root, strategy: s, program: []string{program(t, "goprogram"), "many", "0"}}.run(t)
		if o.code != 3 || len(o.lines) > 0 || !strings.Contains(o.said, "sysctl net.mptcp.enabled=1") {
			t.Errorf("%q: exit code %d, prints %q, says %s", s, o.code, o.lines, o.said)
		}
	}
	scene.empty(t)
}

const switchedOff = "MPTCP is switched off (net.mptcp.enabled=0)"

// TestSwitchedOffLater: sockets are TCP while there is no MPTCP, and the report says so.
func TestSwitchedOffLater(t *testing.T) {
	everyWay(t, func(t *testing.T, j job) {
		o := j.switched(t, "protocol 6")
		o.counted(t, 4, 2)
		if left := o.report.Sockets.Left; len(left) != 1 || left[0].Count != 2 || left[0].Reason != switchedOff {
			t.Errorf("the report has left %+v", left)
		}
	})
}

// TestRequire: or there are none.
func TestRequire(t *testing.T) {
	everyWay(t, func(t *testing.T, j job) {
		j.flags = []string{"--require"}
		o := j.switched(t, "socket: Protocol not supported")
		o.counted(t, 4, 2)
		if refused := o.report.Sockets.Refused; len(refused) != 1 || refused[0].Count != 2 || refused[0].Reason != switchedOff {
			t.Errorf("the report has refused %+v", refused)
		}
	})
}

// switched takes MPTCP away and gives it back while a program runs.
func (j job) switched(t *testing.T, without string) outcome {
	t.Helper()
	j.program = []string{program(t, "dynamic"), "each"}
	r := j.start(t)
	r.expect("ready")
	for _, step := range []struct{ enabled, family, prints string }{
		{"1", "4", "protocol 262"}, {"0", "4", without}, {"0", "6", without}, {"1", "6", "protocol 262"},
	} {
		enable(t, j.host, step.enabled)
		r.say(step.family)
		r.expect(step.prints)
	}
	o := r.all()
	o.succeeded(t)
	return o
}
