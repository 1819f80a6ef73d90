package scenario

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allroads/lab"
	"allroads/trace"
)

// checkpoint is an expect being played.
type checkpoint struct {
	player *player
	step   *lab.ScenarioStep
	number int
}

func (c *checkpoint) do(ctx context.Context) error {
	at := c.player.now()
	packets, err := c.player.recorder.Report(ctx)
	if err != nil {
		c.player.leave(c.step.Expect, c.number, err)
		return err
	}
	missed := 0
	for _, expectation := range c.step.Expect {
		judgement := c.player.judge(expectation, packets, c.number, at)
		if !judgement.Met {
			missed++
		}
		c.player.note(judgement)
	}
	if missed > 0 {
		return fmt.Errorf("%d of %d expectations are not met", missed, len(c.step.Expect))
	}
	return nil
}

func (c *checkpoint) complete(*Step) {}

// judge holds an expectation against the packets and the kernel's word.
func (p *player) judge(e lab.Expectation, packets *trace.Report, step int, at time.Duration) Judgement {
	j := Judgement{Text: e.String(), Step: step, At: at}
	value, why, err := p.find(e, packets)
	if err != nil {
		j.Why = "unknown: " + err.Error()
		return j
	}
	j.Found = new(unitOf(e.Subject).Format(value))
	j.Met = e.Holds(value)
	if !j.Met {
		j.Why = why
	}
	return j
}

// leave notes expectations of a step that cannot be judged.
func (p *player) leave(all []lab.Expectation, step int, err error) {
	for _, e := range all {
		p.note(Judgement{Text: e.String(), Step: step, At: p.now(), Why: "unknown: " + err.Error()})
	}
}

func unitOf(subject string) lab.Unit {
	i := slices.IndexFunc(lab.Subjects, func(s lab.Subject) bool { return s.Name == subject })
	return lab.Subjects[i].Unit // Validate has seen that there is one.
}

// decides reports whether an expectation of the scenario, at its end or in a step,
// is about one of some subjects of a step.
func (p *player) decides(name string, subjects ...string) bool {
	all := p.scenario.Expect
	for i := range p.scenario.Steps {
		all = slices.Concat(all, p.scenario.Steps[i].Expect)
	}
	return slices.ContainsFunc(all, func(e lab.Expectation) bool {
		// Without a name there is only one such step.
		return slices.Contains(subjects, e.Subject) && (e.Of == "" || e.Of == name)
	})
}
