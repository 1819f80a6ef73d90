package cli

import (
	"fmt"
	"io"
	"path/filepath"

	"allroads/internal/convert"
	"allroads/internal/tally"
)

// explainRun says what is taken, and why others are not.
func explainRun(out io.Writer, plan *convert.Plan) {
	if taken := plan.Taken(); taken != "" {
		fmt.Fprintf(out, "allroads run: %s, by %v\n", plan.Options.Path, taken)
	} else {
		fmt.Fprintf(out, "allroads run: %s, by nothing\n", plan.Options.Path)
	}
	for _, other := range plan.Others() {
		fmt.Fprintf(out, "  not %s: %s\n", string(other.Strategy), other.Why)
	}
}

// printRun prints the report for people.
func printRun(out io.Writer, r *convert.Report) {
	fmt.Fprintf(out, "allroads run: %s, by %v\n", filepath.Base(r.Command[0]), r.Strategy)
	switch {
	case r.Sockets != nil:
		printSockets(out, r.Sockets)
	case r.Strategy == convert.BPF:
		fmt.Fprintln(out, "  sockets      counted in the kernel, and told at the end")
	default:
		fmt.Fprintln(out, "  sockets      not counted: the program makes them itself")
	}
	for _, line := range r.Connections.Text() {
		fmt.Fprintln(out, "  "+line)
	}
	if r.NoNewPrivs {
		fmt.Fprintln(out, "  rights       set-uid programs and file capabilities had no effect")
	}
}

func printSockets(out io.Writer, s *tally.Sockets) {
	fmt.Fprintf(out, "  sockets      %d seen, %d made MPTCP\n", s.Seen, s.Converted)
	for _, left := range s.Left {
		fmt.Fprintf(out, "               %d left TCP: %s\n", left.Count, left.Reason)
	}
	for _, refused := range s.Refused {
		fmt.Fprintf(out, "               %d refused: %s\n", refused.Count, refused.Reason)
	}
	if s.Missed > 0 {
		fmt.Fprintf(out, "               at most %d more passed the BPF hook by, and are TCP\n", s.Missed)
	}
	for _, ring := range s.Rings {
		fmt.Fprintf(out, "  io_uring     %s: sockets opened through it are not seen, and stay TCP\n", whose(ring.Process))
	}
	for _, own := range s.OwnListeners {
		fmt.Fprintf(out, "  seccomp      %s wanted a listener of its own, and was refused: --strategy trace\n", whose(own.Process))
	}
}

func whose(p tally.Process) string {
	if p.Command == "" {
		return fmt.Sprintf("process %d", p.PID)
	}
	return fmt.Sprintf("%s (%d)", p.Command, p.PID)
}
