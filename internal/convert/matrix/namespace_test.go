package matrix

import (
	"testing"

	"allroads/internal/convert"
	"allroads/internal/netns"
)

// TestOtherNamespace: a child in a network namespace of its own gets a socket of that one,
// if the supervisor may go there, and else TCP, which is reported. Under trace it makes
// its socket itself.
func TestOtherNamespace(t *testing.T) {
	everyWay(t, func(t *testing.T, j job) {
		// The socket is of the namespace that it was asked for in, or the loopback
		// interface there could not be bound to.
		inside := []string{program(t, "dynamic"), "open", "fork", "open"}
		j.program = append([]string{"unshare", "-n"}, inside...)
		prints, converted := "protocol 262", 2
		if j.user != root {
			j.program[1] = "-Urn"
			if netns.Inside() { // Its users are not for those without rights to give on.
				j.program[1] = "-Un"
			}
			if j.strategy == convert.Notify {
				prints, converted = "protocol 6", 0
			}
		}
		o := j.run(t)
		o.succeeded(t, prints, prints)
		o.counted(t, 2, converted)
		const why = "in a network namespace that may not be entered"
		if left := o.report.Sockets.Left; converted == 0 && (len(left) != 1 || left[0].Count != 2 || left[0].Reason != why) {
			t.Errorf("the report has left %+v", left)
		}
	})
}
