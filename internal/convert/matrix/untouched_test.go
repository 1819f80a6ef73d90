package matrix

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"allroads/internal/convert"
	"allroads/internal/vm"
)

// filters are the strategies that choose by what a call asks for.
var filters = []convert.Strategy{convert.Notify, convert.Trace}

// everyWay runs a test for each of filters and each user.
func everyWay(t *testing.T, test func(*testing.T, job)) {
	for _, s := range filters {
		for _, u := range users {
			t.Run(string(s)+"/"+string(u), func(t *testing.T) {
				t.Parallel()
				scene := newScene(t)
				test(t, job{host: scene.here, user: u, strategy: s})
				scene.empty(t)
			})
		}
	}
}

// TestUntouched: what is no TCP socket is what it would be without us.
func TestUntouched(t *testing.T) {
	everyWay(t, func(t *testing.T, j job) {
		for _, name := range []string{"dynamic", "static"} {
			j.program = []string{program(t, name), "untouched"}
			want, o := j.plain(t), j.run(t)
			if len(want) < 30 || vm.Inside() && !slices.Contains(want, "sctp: protocol 132, flags 0 2") {
				t.Fatalf("the program prints %q", want)
			}
			o.succeeded(t, want...)
			o.counted(t, 0, 0)
		}
	})
}

// TestFlags: all ways to ask for a TCP socket, and its flags are those asked for.
func TestFlags(t *testing.T) {
	var want []string
	for i := range 16 {
		flags := unix.O_RDWR
		if i&2 != 0 {
			flags |= unix.O_NONBLOCK
		}
		want = append(want, fmt.Sprintf("tcp: protocol 262, flags %x %x", i&1, flags))
	}
	everyWay(t, func(t *testing.T, j job) {
		j.program = []string{program(t, "static"), "flags"}
		o := j.run(t)
		o.succeeded(t, want...)
		o.counted(t, 16, 16)
	})
}

// succeeded demands the exit code 0 and what was printed.
func (o *outcome) succeeded(t *testing.T, lines ...string) {
	t.Helper()
	if o.code != 0 || !slices.Equal(o.lines, lines) {
		t.Errorf("exit code %d, prints %q, not %q; allroads says %s", o.code, o.lines, lines, o.said)
	}
}

// counted demands how many sockets were seen and converted.
func (o *outcome) counted(t *testing.T, seen, converted int) {
	t.Helper()
	s := o.report.Sockets
	if s == nil || s.Seen != seen || s.Converted != converted {
		t.Errorf("the report has %+v, not %d sockets seen, %d converted", s, seen, converted)
	}
}
