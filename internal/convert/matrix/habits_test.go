package matrix

import (
	"slices"
	"strings"
	"testing"

	"allroads/internal/convert"
	"allroads/internal/tally"
)

// habit is something that programs do.
type habit struct {
	name    string
	words   []string
	flags   []string // of allroads run
	prints  []string
	sockets int
	check   func(*testing.T, convert.Strategy, *tally.Sockets) // nil: nothing else is counted
}

var habits = []habit{
	{name: "fork", words: []string{"fork", "fork", "open"}, prints: []string{"protocol 262"}, sockets: 1},
	{name: "vfork", words: []string{"vfork", "open", "vfork", "open"}, prints: []string{"protocol 262", "protocol 262"}, sockets: 2},
	{name: "execute again", words: []string{"again", "again", "open"}, prints: []string{"protocol 262", "protocol 262", "protocol 262"}, sockets: 3},
	{name: "close all", words: []string{"close-all", "open"}, prints: []string{"protocol 262"}, sockets: 1},
	{name: "nothing open", words: []string{"silent"}, sockets: 1},
	{name: "own filter", words: []string{"own-filter", "open", "fork", "open"}, prints: []string{"protocol 262", "protocol 262"}, sockets: 2},
	{name: "no more descriptors", words: []string{"close-all", "starve", "open"}, prints: []string{"17 of MPTCP, errno 24", "protocol 262"}, sockets: 18},
	{name: "io_uring", words: []string{"ring", "open"}, prints: []string{"io_uring: mine", "protocol 262"}, sockets: 1, check: ringed},
	{
		name: "io_uring refused", words: []string{"ring", "open"}, flags: []string{"--require"},
		prints: []string{"io_uring: Operation not permitted", "protocol 262"}, sockets: 1, check: ringed,
	},
}

// ringed: the report tells of the ring.
func ringed(t *testing.T, _ convert.Strategy, s *tally.Sockets) {
	if len(s.Rings) != 1 || s.Rings[0].Command != "dynamic" || s.Rings[0].Count != 1 {
		t.Errorf("the report has rings %+v", s.Rings)
	}
	s.Rings = nil
}

// TestHabits: what programs do does not keep their sockets from being MPTCP.
func TestHabits(t *testing.T) {
	everyWay(t, func(t *testing.T, j job) {
		for _, h := range habits {
			t.Run(h.name, func(t *testing.T) { h.run(t, j) })
		}
	})
}

func (h *habit) run(t *testing.T, j job) {
	j.program, j.flags = append([]string{program(t, "dynamic")}, h.words...), h.flags
	o := j.run(t)
	o.succeeded(t, h.prints...)
	o.counted(t, h.sockets, h.sockets)
	s := o.report.Sockets
	if h.check != nil {
		h.check(t, j.strategy, s)
	}
	if len(s.Rings)+len(s.OwnListeners)+len(s.Left)+len(s.Refused) > 0 {
		t.Errorf("the report has %+v", s)
	}
}

// TestOwnListener: a program that wants a listener of its own is refused by notify, which says
// so and what to do; trace lets it have one.
func TestOwnListener(t *testing.T) {
	everyWay(t, func(t *testing.T, j job) {
		j.program = []string{program(t, "dynamic"), "own-listener", "open"}
		first, listeners := "listener: mine", 0
		if j.strategy == convert.Notify {
			first, listeners = "listener: Device or resource busy", 1
		}
		o := j.run(t)
		o.succeeded(t, first, "protocol 262")
		o.counted(t, 1, 1)
		if own := o.report.Sockets.OwnListeners; len(own) != listeners {
			t.Errorf("the report has listeners %+v, not %d", own, listeners)
		}
		j.text = true
		if o = j.run(t); strings.Contains(o.said, "--strategy trace") != (listeners == 1) {
			t.Errorf("allroads says %s", o.said)
		}
	})
}

// TestPipeline: a shell, its children and theirs.
func TestPipeline(t *testing.T) {
	everyWay(t, func(t *testing.T, j job) {
		const script = `"$0" open | cat; "$0" fork open | { cat; "$0" open; } | sort; x=$("$0" again open); echo "$x"`
		j.program = []string{"/bin/sh", "-c", script, program(t, "dynamic")}
		o := j.run(t)
		o.succeeded(t, slices.Repeat([]string{"protocol 262"}, 5)...)
		o.counted(t, 5, 5)
	})
}
