package cli

import (
	"fmt"
	"strings"
	"time"

	"allroads/internal/scenario"
	"allroads/lab"
)

// scenarioView renders a scenario while it is played.
type scenarioView struct{ out *screen }

func (v scenarioView) begin(topology *lab.Topology) {
	v.out.printf("%s\n", v.out.paint(bold, "The scenario of "+topology.Name+":"))
}

// clock is the time since the scenario began.
func clock(at time.Duration) string { return fmt.Sprintf("%7.3f s", at.Seconds()) }

// begins leaves out what is judged at once, since what is found is shown.
func (v scenarioView) begins(s scenario.Step) {
	if s.Kind == "expect" {
		return
	}
	v.out.printf("  %s  %s\n", clock(*s.Begin), title(s))
}

func title(s scenario.Step) string {
	if s.Name == "" {
		return s.Text
	}
	return s.Name + ": " + s.Text
}

func (v scenarioView) ended(s scenario.Step) {
	at := strings.Repeat(" ", len(clock(0)))
	if s.End != nil {
		at = clock(*s.End)
	}
	switch {
	case s.Kind == "expect" && s.Begin != nil:
		return
	case !s.Passed:
		v.out.printf("  %s  %s %s: %s\n", at, v.out.paint(red, "FAILED"), title(s), s.Error)
	case s.Begin != nil && s.End != nil && *s.End-*s.Begin > time.Millisecond:
		v.out.printf("  %s  %s %s\n", at, v.out.paint(green, "done"), title(s))
	}
	for line := range strings.Lines(s.Output) {
		v.out.printf("             | %s\n", strings.TrimRight(line, "\r\n"))
	}
}

// traffic shows how fast data goes over each link.
func (v scenarioView) traffic(at time.Duration, links []scenario.Traffic) {
	var words []string
	for _, l := range links {
		words = append(words, fmt.Sprintf("%s %5.1f Mbit/s", l.Link, l.Rate/1e6))
	}
	v.out.printf("  %s  %s\n", clock(at), v.out.paint(dim, "| "+strings.Join(words, " | ")))
}

func (v scenarioView) judged(j scenario.Judgement) {
	word := v.out.paint(green, "ok    ")
	if !j.Met {
		word = v.out.paint(red, "NOT ok")
	}
	line := fmt.Sprintf("  %s  %s %s", clock(j.At), word, j.Text)
	if j.Found != nil {
		line += v.out.paint(dim, "  it is "+*j.Found)
	}
	if j.Why != "" {
		line += ": " + j.Why
	}
	v.out.printf("%s\n", line)
}

func (v scenarioView) verdict(r *scenario.Report) {
	failed, unmet := 0, 0
	for _, s := range r.Steps {
		if !s.Passed {
			failed++
		}
	}
	for _, j := range r.Expectations {
		if !j.Met {
			unmet++
		}
	}
	if r.Passed {
		v.out.printf("\n%s\n", v.out.paint(green, fmt.Sprintf("PASSED: %d steps, %d expectations", len(r.Steps), len(r.Expectations))))
		return
	}
	v.out.printf("\n%s\n", v.out.paint(red, fmt.Sprintf("FAILED: %d of %d steps failed, %d of %d expectations are not met",
		failed, len(r.Steps), unmet, len(r.Expectations))))
}
