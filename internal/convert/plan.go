package convert

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"allroads/internal/choose"
	"allroads/internal/program"
)

// Options are how a program is to be run.
type Options struct {
	Path string   // of the program
	Args []string // its own name first

	Strategy         Strategy // empty: the best that there is
	PreserveIdentity bool     // sockets have the program's own user, cgroup and security label
	Require          bool     // socket() fails where it cannot be of MPTCP
	Cgroup           string   // attach to this cgroup (BPF only)
	Exec             bool     // for Become
	Rules            *choose.Chooser

	// Waiting is called when the program has ended, and some tasks that it left need us
	// (Trace); nil: nobody wants to know.
	Waiting func(tasks int)
}

// ErrCannot is wrapped by the error of Choose when there is no way.
var ErrCannot = errors.New("no strategy can convert it here")

// Plan is the strategy that was taken, and why others were not.
type Plan struct {
	Options Options
	Program *program.Program
	able    []Strategy // the first is taken
	refused []Refusal
}

// Taken is the strategy; empty: there is none.
func (p *Plan) Taken() Strategy {
	if len(p.able) == 0 {
		return ""
	}
	return p.able[0]
}

// Others are those that were not taken.
func (p *Plan) Others() []Refusal {
	others := slices.Clone(p.refused)
	for i, s := range p.able {
		if i > 0 {
			others = append(others, Refusal{s, string(p.able[0]) + " comes first"})
		}
	}
	return others
}

// Refusal is why a strategy was not taken.
type Refusal struct {
	Strategy Strategy `json:"strategy"`
	Why      string   `json:"why"`
}

// Choose finds the strategy for a program. The error, if there is none, names what is
// in the way of each.
func Choose(o Options) (*Plan, error) {
	p, err := program.Inspect(o.Path)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Options: o, Program: p}
	already, err := mptcpHere()
	if err != nil {
		return nil, err
	}
	if already && o.Strategy == "" {
		plan.able = []Strategy{None}
		return plan, o.withinAnother()
	}
	h := &host{o, p, program.Here(p)}
	for _, s := range strategies {
		if why := h.against(s); why != nil {
			plan.refused = append(plan.refused, Refusal{s, why.Error()})
		} else {
			plan.able = append(plan.able, s)
		}
	}
	return plan, plan.error()
}

// withinAnother is why options cannot be kept where sockets are MPTCP already: whoever
// makes them so decides.
func (o *Options) withinAnother() error {
	if o.Rules != nil || o.Require || o.PreserveIdentity || o.Cgroup != "" {
		return fmt.Errorf("run %s: %w: sockets are MPTCP here already, as within another run: give --only, --except, --require, --preserve-identity and --cgroup to that one", o.Path, ErrCannot)
	}
	return nil
}

// without goes on to the next strategy, as the first has turned out not to work.
func (p *Plan) without(why error) error {
	p.refused = append(p.refused, Refusal{p.able[0], why.Error()})
	p.able = p.able[1:]
	return p.error()
}

func (p *Plan) error() error {
	if len(p.able) > 0 {
		return nil
	}
	var words []string
	for _, other := range p.refused {
		if asked := p.Options.Strategy; asked != "" && other.Strategy != asked {
			continue
		}
		words = append(words, string(other.Strategy)+": "+other.Why)
	}
	return fmt.Errorf("run %s with MPTCP: %w: %s", p.Options.Path, ErrCannot, strings.Join(words, "; "))
}
