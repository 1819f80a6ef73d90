package lab

import (
	"fmt"
	"slices"

	"allroads/internal/document"
)

func (v *validator) scenario(t *Topology, at document.Place, s *Scenario) {
	if s.Capture != "" {
		v.known(at.Sub("capture"), "scenario: capture", "host", s.Capture, t.Names())
	}
	if s.Timeout < 0 {
		v.complain(at.Sub("timeout"), "scenario: timeout %v: not a time span", s.Timeout)
	}
	for i := range s.Steps {
		v.step(t, at.Sub("steps", i), s, &s.Steps[i])
	}
	v.expectations(t, at.Sub("expect"), s, s.Expect)
}

// known complains of a name that there is not.
func (v *validator) known(at document.Place, what, kind, name string, there []string) {
	if !slices.Contains(there, name) {
		v.complain(at, "%s: no %s %q%s", what, kind, name, document.Suggestion(name, there))
	}
}

func (v *validator) step(t *Topology, at document.Place, s *Scenario, step *ScenarioStep) {
	if step.Name != "" {
		v.name(at.Sub("name"), "step", step.Name)
		v.once(at.Sub("name"), "step", step.Name)
	}
	if step.At != nil && *step.At < 0 {
		v.complain(at.Sub("at"), "scenario: step at %v: not a time since it began", *step.At)
	}
	kinds := 0
	for _, is := range []bool{step.Send != nil, step.Run != nil, step.Link != "", step.Expect != nil} {
		if is {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		v.complain(at, "scenario: a step is one of send, run, link and expect, not %d of them", kinds)
	case step.Send != nil:
		v.send(t, at.Sub("send"), step.Send)
	case step.Run != nil:
		v.run(t, at, step)
	case step.Link != "":
		v.change(t, at, step)
	default:
		v.expectations(t, at.Sub("expect"), s, step.Expect)
	}
	if step.Run == nil && (step.In != "" || step.Exit != nil) {
		v.complain(at, "scenario: in and exit belong to run")
	}
	if step.Link == "" && (step.Do != "" || step.Set != nil) {
		v.complain(at, "scenario: do and set belong to link")
	}
}

func (v *validator) send(t *Topology, at document.Place, s *SendConfig) {
	v.known(at.Sub("from"), "scenario: send", "host", s.From, t.Names())
	v.known(at.Sub("to"), "scenario: send", "host", s.To, t.Names())
	if !s.Address.IsValid() || s.Address.Port() == 0 || s.Address.Addr().Zone() != "" {
		v.complain(at.Sub("address"), "scenario: send: address %q: not an address with a port, without a zone", s.Address)
	}
	if (s.Bytes == 0) == (s.For == 0) {
		v.complain(at, "scenario: send: either bytes or for")
	}
	if s.For < 0 {
		v.complain(at.Sub("for"), "scenario: send: for %v: not a time span", s.For)
	}
}

func (v *validator) run(t *Topology, at document.Place, s *ScenarioStep) {
	if len(s.Run) == 0 || s.Run[0] == "" {
		v.complain(at.Sub("run"), "scenario: run: no command")
	}
	if s.In != "" {
		v.known(at.Sub("in"), "scenario: run", "host", s.In, t.Names())
	}
	if s.Exit != nil && (*s.Exit < 0 || *s.Exit > 255) {
		v.complain(at.Sub("exit"), "scenario: run: exit code %d: 0 to 255 only", *s.Exit)
	}
}

func (v *validator) change(t *Topology, at document.Place, s *ScenarioStep) {
	var links []string
	for _, l := range t.Links {
		links = append(links, l.Name)
	}
	v.known(at.Sub("link"), "scenario", "link", s.Link, links)
	if (s.Do == "") == (s.Set == nil) {
		v.complain(at, "scenario: link %s: either do or set", s.Link)
	}
	if s.Do != "" && s.Do != "down" && s.Do != "up" {
		v.complain(at.Sub("do"), "scenario: link %s: do %q: down or up only", s.Link, s.Do)
	}
	if s.Set != nil {
		if err := s.Set.validate(); err != nil {
			v.complain(at.Sub("set"), "scenario: link %s: %w", s.Link, err)
		}
	}
}

func (v *validator) expectations(t *Topology, at document.Place, s *Scenario, all []Expectation) {
	for i, e := range all {
		if err := e.check(); err != nil {
			v.complain(at.Sub(i), "scenario: %w", err)
			continue
		}
		if err := e.checkOf(t, s); err != nil {
			v.complain(at.Sub(i), "scenario: expectation %q: %w", e, err)
		}
	}
}

// checkOf finds a name that there is not, or one that is missing.
func (e Expectation) checkOf(t *Topology, s *Scenario) error {
	subject, _ := e.subject()
	there := t.of(subject.Of, s)
	switch {
	case e.Of != "" && !slices.Contains(there, e.Of):
		return fmt.Errorf("no %s %q%s", subject.Of, e.Of, document.Suggestion(e.Of, there))
	case subject.Of == "" || subject.Of == "link" || e.Of != "":
		return nil
	case len(there) == 0:
		return fmt.Errorf("no %s in the scenario", subject.Of)
	case len(there) > 1:
		return fmt.Errorf("of which %s? there are %q", subject.Of, there)
	}
	return nil
}

// of lists the names of a kind of thing that expectations can be about; a step
// without a name has the name "".
func (t *Topology) of(kind string, s *Scenario) (names []string) {
	for _, link := range t.Links {
		if kind == "link" || kind == "middlebox" && len(link.Middlebox) > 0 {
			names = append(names, link.Name)
		}
	}
	for i := range t.Routers {
		if kind == "middlebox" && t.Routers[i].meddles() {
			names = append(names, t.Routers[i].Name)
		}
	}
	for _, step := range s.Steps {
		if kind == "send" && step.Send != nil || kind == "run" && step.Run != nil {
			names = append(names, step.Name)
		}
	}
	return names
}
