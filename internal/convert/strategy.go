// Package convert runs programs so that their TCP sockets are of MPTCP: it chooses the
// strategy that the program and the host allow, starts the program, stays its parent,
// and reports what was caught and what was not.
package convert

import (
	"fmt"
	"slices"
	"strings"
)

// Strategy is a way to change what socket(2) makes.
type Strategy string

const (
	// None: sockets are of MPTCP here already, as within another run.
	None Strategy = "none"
	// Godebug: the program's own Go runtime asks for MPTCP (GODEBUG=multipathtcp=1).
	Godebug Strategy = "godebug"
	// BPF: a program in the kernel changes the protocol, for a cgroup
	// (fmod_ret/update_socket_protocol, Linux 6.6).
	BPF Strategy = "bpf"
	// Notify: this process makes the socket and puts it into the program (seccomp
	// user notification, Linux 5.14).
	Notify Strategy = "notify"
	// Trace: the argument is rewritten while the program stands still (seccomp and
	// ptrace).
	Trace Strategy = "trace"
)

// strategies are those that can be asked for, the most wanted first.
var strategies = []Strategy{Godebug, BPF, Notify, Trace}

// Names are the words for ParseStrategy.
func Names() []string {
	names := []string{"auto"}
	for _, s := range strategies {
		names = append(names, string(s))
	}
	return names
}

// ParseStrategy reads a name; "auto" is the empty Strategy.
func ParseStrategy(name string) (Strategy, error) {
	if name == "auto" {
		return "", nil
	}
	if s := Strategy(name); slices.Contains(strategies, s) {
		return s, nil
	}
	return "", fmt.Errorf("strategy %q: not one of %s", name, strings.Join(Names(), ", "))
}

// String says what a strategy is in some words.
func (s Strategy) String() string {
	return map[Strategy]string{
		None:    "none (sockets are of MPTCP here already)",
		Godebug: "godebug (the program's Go runtime)",
		BPF:     "bpf (in the kernel, for a cgroup)",
		Notify:  "notify (seccomp user notification)",
		Trace:   "trace (seccomp and ptrace)",
	}[s]
}
