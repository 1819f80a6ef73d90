package cli

import (
	"fmt"
	"strings"

	"allroads/internal/program"
)

// checkProgramView renders what is known of a program, or a process, as text.
type checkProgramView struct{ *screen }

func (v checkProgramView) show(c *checkedProgram) {
	if c.processes != nil {
		v.verdict("uses MPTCP: ", c.answer, socketCounts(c.processes))
	} else {
		v.verdict("convertible: ", c.answer, convertibleBy(c))
	}
	v.processes(c.processes)
	if c.program != nil {
		v.program(c.program)
		v.ways(c)
		v.options(c)
	}
	for _, notice := range c.notices {
		v.printf("\n")
		v.wrapped(6, "note:", strings.Fields(notice))
	}
}

func (v checkProgramView) verdict(what string, answer program.Answer, behind string) {
	color := map[program.Answer]string{program.Yes: green, program.No: red}[answer]
	v.wrapped(4, v.paint(bold, what)+v.paint(color, string(answer))+",", strings.Fields(behind))
}

// convertibleBy says by which ways, or why by none.
func convertibleBy(c *checkedProgram) string {
	if c.why != "" {
		return c.why
	}
	var works, unknown []string
	for _, w := range c.ways {
		switch w.Works {
		case program.Yes:
			works = append(works, w.Strategy)
		case program.Unknown:
			unknown = append(unknown, w.Strategy)
		}
	}
	switch {
	case len(works) > 0:
		return "by " + strings.Join(works, ", ")
	case len(unknown) > 0:
		return "perhaps by " + strings.Join(unknown, ", ")
	case len(c.ways) > 0:
		return c.ways[0].Why
	}
	return ""
}

func (v checkProgramView) ways(c *checkedProgram) {
	heading := "ways"
	if c.processes != nil {
		heading = "ways, when it is started again (bpf: also for its new sockets now)"
	}
	v.printf("\n%s\n", v.paint(bold, heading))
	for _, w := range c.ways {
		color := map[program.Answer]string{program.Yes: green, program.No: dim}[w.Works]
		works := string(w.Works)
		if w.Why != "" {
			works = fmt.Sprintf("%-8s", works)
		}
		v.wrapped(20, fmt.Sprintf("  %-8s ", w.Strategy)+v.paint(color, works), strings.Fields(w.Why))
		for _, but := range w.But {
			v.wrapped(20, strings.Repeat(" ", 11)+"but     ", strings.Fields(but))
		}
	}
}

func (v checkProgramView) options(c *checkedProgram) {
	failing := c.failing()
	if len(failing) == 0 {
		v.printf("\nno socket option is known that it uses, and that fails on MPTCP here\n")
		return
	}
	v.printf("\n%s\n", v.paint(bold, "socket options that fail on MPTCP here"))
	for _, o := range failing {
		v.wrapped(35, fmt.Sprintf("  %-23s %-8s", o.Option, o.Certainty), strings.Fields(o.Why))
	}
}
