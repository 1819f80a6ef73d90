package scenario

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"allroads/lab"
)

// action is what a step does.
type action interface {
	// do does it, until it is done or ctx ends. The error says why the step has
	// failed; a timeout is ctx's cause.
	do(ctx context.Context) error
	// complete adds to a step's result what only its kind has.
	complete(s *Step)
}

// step is a step being played.
type step struct {
	config *lab.ScenarioStep
	action action
	ended  chan struct{}

	mu     sync.Mutex
	result Step
}

// prepare makes the steps, of which none has begun.
func (p *player) prepare() {
	for i := range p.scenario.Steps {
		config := &p.scenario.Steps[i]
		s := &step{config: config, ended: make(chan struct{})}
		s.result = Step{Number: i + 1, Name: config.Name}
		switch {
		case config.Send != nil:
			s.result.Kind, s.result.Text = "send", sendText(config.Send)
			s.action = newTransfer(p, config, uint64(i))
		case config.Run != nil:
			host := p.commandHost(config)
			s.result.Kind, s.result.Text = "run", runText(config.Run, host)
			s.action = newCommand(p, config, host)
		case config.Link != "":
			s.result.Kind, s.result.Text = "link", changeText(config)
			s.action = &change{p, config}
		default:
			s.result.Kind, s.result.Text = "expect", expectText(config.Expect)
			s.action = &checkpoint{p, config, i + 1}
		}
		p.steps = append(p.steps, s)
	}
}

func sendText(c *lab.SendConfig) string {
	amount := c.Bytes.String()
	if !strings.HasSuffix(amount, "B") {
		amount += " bytes"
	}
	if c.For > 0 {
		amount = "for " + c.For.String()
	}
	return fmt.Sprintf("send %s from %s to %s at %s", amount, c.From, c.To, c.Address)
}

func runText(words []string, host string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		if quoted[i] = word; word == "" || strings.ContainsAny(word, " \t\n\"'") {
			quoted[i] = strconv.Quote(word)
		}
	}
	return fmt.Sprintf("run %s in %s", strings.Join(quoted, " "), host)
}

func changeText(c *lab.ScenarioStep) string {
	if c.Set == nil {
		return "link " + c.Link + " " + c.Do
	}
	return "link " + c.Link + " set " + strings.Join(c.Set.Words(), " ")
}

func expectText(all []lab.Expectation) string {
	texts := make([]string, len(all))
	for i, e := range all {
		texts[i] = e.String()
	}
	return "expect " + strings.Join(texts, ", ")
}

// playStep waits for a step's turn and plays it.
func (p *player) playStep(ctx context.Context, number int) {
	s := p.steps[number]
	defer close(s.ended)
	p.awaitTurn(ctx, number)
	if ctx.Err() != nil {
		err := fmt.Errorf("%w before it began", context.Cause(ctx))
		s.fail(err)
		p.leave(s.config.Expect, number+1, err)
		p.tell(p.observer.Ended, s.report())
		return
	}
	began := p.now()
	s.mu.Lock()
	s.result.Begin = &began
	s.mu.Unlock()
	p.tell(p.observer.Begins, s.report())
	err := s.action.do(ctx)
	ended := p.now()
	s.mu.Lock()
	s.result.End = &ended
	s.mu.Unlock()
	s.fail(err)
	p.tell(p.observer.Ended, s.report())
}

// awaitTurn returns when a step is to begin, or ctx has ended.
func (p *player) awaitTurn(ctx context.Context, number int) {
	if at := p.steps[number].config.At; at != nil {
		pause(ctx, time.Until(p.began.Add(*at)))
		return
	}
	for _, before := range p.steps[:number] {
		select {
		case <-before.ended:
		case <-ctx.Done():
			return
		}
	}
}

// pause sleeps, but not longer than ctx lasts.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (s *step) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.result.Passed = err == nil
	if err != nil {
		s.result.Error = err.Error()
	}
}

// report is what is known of the step now.
func (s *step) report() Step {
	s.mu.Lock()
	result := s.result
	s.mu.Unlock()
	s.action.complete(&result)
	return result
}
