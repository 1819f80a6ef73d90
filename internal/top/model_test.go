package top

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"allroads/internal/live"
	"allroads/mptcp"
	"allroads/pathmanager"
	"allroads/sockdiag"

	"github.com/google/go-cmp/cmp"
)

func TestLost(t *testing.T) {
	m := fakeModel(1, many(3))
	m.look(&live.Snapshot{At: began, Connections: many(2)(0), Lost: []live.Space{{Name: "red"}}}, nil)
	if !strings.Contains(screenOf(m), "network namespace red is gone") || len(m.rows) != 2 {
		t.Errorf("%s", screenOf(m))
	}
	m.look(nil, fmt.Errorf("watch: %w", live.ErrLost))
	if text := screenOf(m); !strings.Contains(text, "the network namespace is gone") || len(m.rows) != 0 {
		t.Errorf("%s", text)
	}
	m = fakeModel(1, many(3))
	m.look(nil, errors.New("dump mptcp sockets: \x1b]0;interrupted"))
	if text := screenOf(m); !strings.Contains(text, "dump mptcp sockets: ?]0;interrupted") || len(m.rows) != 3 {
		t.Errorf("%s", text)
	}
	m.look(&live.Snapshot{At: began, Connections: many(2)(0)}, nil)
	if text := screenOf(m); strings.Contains(text, "interrupted") {
		t.Errorf("%s", text)
	}
}

// TestPast: only what is on the screen is remembered, and not longer than it is
// shown; a subflow's past begins when it does.
func TestPast(t *testing.T) {
	m := fakeModel(1, many(1000))
	if len(m.past) > 24 {
		t.Errorf("%d are remembered", len(m.past))
	}
	for i := range samples + 10 {
		connections := waves(false)(i)
		if i == 100 {
			connections[2] = fakeConnection(1, false, 1)
		}
		m.look(&live.Snapshot{At: began.Add(time.Duration(i) * time.Second), Connections: connections}, nil)
	}
	memory := m.past[identity{"", 1}]
	if len(m.past) != 3 || memory == nil {
		t.Fatalf("%d are remembered", len(m.past))
	}
	c := waves(false)(0)[2]
	first, second := memory.subflows[pairOf(&c.Subflows[0])], memory.subflows[pairOf(&c.Subflows[1])]
	if got := memory.recent(first, &first.rate, 10000); len(got) != samples || got[samples-1] != 1e5*9 || got[samples-2] != 1e5*8 {
		t.Errorf("%d samples, %v", len(got), got[len(got)-5:])
	}
	if got := memory.recent(second, &second.rtt, 10000); len(got) != samples+10-101 || got[0] != 0.04 {
		t.Errorf("%d samples, %v", len(got), got[:5])
	}
	if got := memory.span(10000); got != (samples-1)*time.Second {
		t.Error(got)
	}
}

// TestDerived: what looks differ in, all of it where events are not heard.
func TestDerived(t *testing.T) {
	const name = "subflow 10.2.0.2:40001 → 10.2.0.1:4321"
	backup := []string{"this end wants it as a backup: " + name, "this end wants it as a backup no more: " + name}
	peers := []string{"the peer wants it as a backup: " + name, "the peer wants it as a backup no more: " + name}
	for heard, want := range map[bool][]string{
		true: backup,
		false: slices.Concat(backup, peers, []string{name + ": FIN_WAIT1, was ESTABLISHED", name + " has gone",
			name + " has come: ESTABLISHED"}),
	} {
		m := fakeModel(0, nil)
		m.heard[""] = heard
		look := func(change func(*live.Connection)) {
			c := fakeConnection(1, false, 1, 1)
			change(&c)
			m.look(&live.Snapshot{At: began, Connections: []live.Connection{c}}, nil)
		}
		nothing := func(*live.Connection) {}
		look(nothing)
		look(func(c *live.Connection) { c.Subflows[1].Flags |= sockdiag.BackupLocal })
		look(nothing)
		look(func(c *live.Connection) { c.Subflows[1].Flags |= sockdiag.BackupRemote })
		look(nothing)
		look(func(c *live.Connection) { c.Subflows[1].State = mptcp.StateFinWait1 })
		look(func(c *live.Connection) { c.Subflows, c.Paths = c.Subflows[:1], c.Paths[:1] })
		look(nothing)
		var got []string
		for _, e := range m.journal {
			got = append(got, e.text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("heard: %v (-want +got):\n%s", heard, diff)
		}
	}
}

func TestJournal(t *testing.T) {
	m := fakeModel(1, many(2))
	for i := range 3 * journalSize {
		m.happen(event{Event: pathmanager.Event{Type: pathmanager.Established, Token: pathmanager.Token(i)}})
	}
	if len(m.journal) > journalSize || m.journal[len(m.journal)-1].token != 3*journalSize-1 {
		t.Errorf("%d entries", len(m.journal))
	}
	m.happen(event{end: errors.New("no more"), space: "red"})
	if m.heard["red"] || !m.heard[""] || m.deaf != "no events: no more" {
		t.Errorf("%v, %q", m.heard, m.deaf)
	}
}

func TestTexts(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0", 999: "999", 999.96: "1.0k", 1000: "1.0k", 12345: "12.3k", 999_949: "999.9k", 999_950: "1.0M",
		187.34e6: "187.3M", 1e9: "1.0G", 1e18: "1.0E", 1e21: "1000.0E",
	} {
		if got := scaled(n); got != want {
			t.Errorf("%g: %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0.0s", 9 * time.Second: "9.0s", 45 * time.Second: "45s", 45 * time.Minute: "45m", 30 * time.Hour: "30h", 1000 * time.Hour: "42d",
	} {
		if got := ago(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	for width, want := range map[int]string{0: "", 1: "[", 5: "[…:80", 9: "[2…:1]:80", 30: "[2001:db8::1]:80"} {
		if got := shorten("[2001:db8::1]:80", width); got != want {
			t.Errorf("%d: %q, want %q", width, got, want)
		}
	}
}

func TestGraph(t *testing.T) {
	// Of 8 dots: none, 1, 3, 5, 6, 8, 8.
	if got := graph([]float32{-1, 0, 1, 2, 3, 4, 8}, 5, 2, 4); got[0] != "   ⣠⣿" || got[1] != "  ⣰⣿⣿" {
		t.Errorf("%q", got)
	}
	if got := graph(nil, 3, 1, 0); got[0] != "   " {
		t.Errorf("%q", got)
	}
	if got := bar(0.5, 4) + bar(0, 2) + bar(1, 2); got != "██░░░░██" {
		t.Error(got)
	}
}
