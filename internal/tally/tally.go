// Package tally counts what became of a program's sockets while it was made to use
// MPTCP: how many were seen, converted, left alone and why.
package tally

import (
	"cmp"
	"maps"
	"slices"
	"sync"
)

// Tally is counted in by any number of goroutines. The zero Tally is ready.
type Tally struct {
	mu        sync.Mutex
	converted int
	left      map[string]int
	refused   map[string]int
	rings     map[Process]int
	listeners map[Process]int
}

// Process is who made a call.
type Process struct {
	PID     int    `json:"pid"`
	Command string `json:"command"` // /proc/PID/comm; empty when it was gone, "(others)" without a PID after 1000 processes
}

// Converted counts a socket that is of MPTCP now.
func (t *Tally) Converted() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.converted++
}

// Left counts a socket that could be of MPTCP and is not, with the reason as it is in
// the report.
func (t *Tally) Left(reason string) { t.count(&t.left, reason) }

// Refused counts a call that failed because MPTCP is required.
func (t *Tally) Refused(reason string) { t.count(&t.refused, reason) }

func (t *Tally) count(m *map[string]int, reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if *m == nil {
		*m = map[string]int{}
	}
	(*m)[reason]++
}

// Ring counts an io_uring: sockets that are opened through it are not seen.
func (t *Tally) Ring(p Process) { t.by(&t.rings, p) }

// Listener counts a program that wanted a seccomp listener, and was refused because of
// ours (EBUSY).
func (t *Tally) Listener(p Process) { t.by(&t.listeners, p) }

func (t *Tally) by(m *map[Process]int, p Process) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if *m == nil {
		*m = map[Process]int{}
	}
	// A program that makes new processes for ever does not fill our memory.
	if len(*m) >= mostProcesses && (*m)[p] == 0 {
		p = others
	}
	(*m)[p]++
}

const mostProcesses = 1000

// others are all processes after the first mostProcesses.
var others = Process{Command: "(others)"}

// Sockets is what was counted.
type Sockets struct {
	Seen         int        `json:"seen"` // stream sockets of IPv4 and IPv6 that were asked for
	Converted    int        `json:"converted"`
	Left         []Reason   `json:"left"`
	Refused      []Reason   `json:"refused"`
	Missed       int        `json:"missed"` // by the BPF hook, at most: others' calls of socket() are among them
	Rings        []Activity `json:"io_uring"`
	OwnListeners []Activity `json:"own_listeners"`
}

// Reason is why sockets were not converted.
type Reason struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// Activity is how often a process did something.
type Activity struct {
	Process
	Count int `json:"count"`
}

// Sockets returns what was counted so far, the most frequent first.
func (t *Tally) Sockets() Sockets {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := Sockets{
		Converted: t.converted, Left: reasons(t.left), Refused: reasons(t.refused),
		Rings: activities(t.rings), OwnListeners: activities(t.listeners),
	}
	s.Seen = s.Converted
	for _, r := range slices.Concat(s.Left, s.Refused) {
		s.Seen += r.Count
	}
	return s
}

func reasons(counts map[string]int) []Reason {
	list := make([]Reason, 0, len(counts))
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, Reason{reason, counts[reason]})
	}
	slices.SortStableFunc(list, func(a, b Reason) int { return cmp.Compare(b.Count, a.Count) })
	return list
}

func activities(counts map[Process]int) []Activity {
	list := make([]Activity, 0, len(counts))
	for p, n := range counts {
		list = append(list, Activity{p, n})
	}
	slices.SortFunc(list, func(a, b Activity) int { return cmp.Compare(a.PID, b.PID) })
	return list
}
