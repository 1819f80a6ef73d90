package lab

import (
	"allroads/internal/document"
	"allroads/internal/middlebox"
)

// MiddleboxRule is one thing that a middlebox does to MPTCP.
type MiddleboxRule struct {
	// Do is what it does to a packet: drop; strip (its options become NOPs);
	// reset (drop, and answer with a TCP RST; routers only); rewrite (change its
	// payload; links only).
	Do string `yaml:"do" json:"do"`
	// Options are the MPTCP options that it is about, as the RFC names them:
	// mp_capable, mp_join, dss, …; none means all.
	Options []string `yaml:"options,omitempty" json:"options,omitempty"`
	// Packets narrows it to syn, syn-ack, or later ones, without SYN.
	Packets string `yaml:"packets,omitempty" json:"packets,omitempty"`
	// After is how many bytes of payload have to have passed on a TCP flow
	// before (links only).
	After Bytes `yaml:"after,omitempty" json:"after,omitempty"`
	// Find is what rewrite looks for in the payload, Replace what it puts there,
	// of the same length.
	Find    string `yaml:"find,omitempty" json:"find,omitempty"`
	Replace string `yaml:"replace,omitempty" json:"replace,omitempty"`
}

// LinkRule is what a middlebox in the middle of a link does.
type LinkRule struct {
	MiddleboxRule `yaml:",inline"`
	From          string `yaml:"from,omitempty" json:"from,omitempty"` // the host whose packets it is about; "": both
}

func (r MiddleboxRule) rule() (middlebox.Rule, error) {
	rule := middlebox.Rule{
		Do: middlebox.Action(r.Do), Packets: middlebox.Packets(r.Packets), After: uint64(r.After),
		Find: r.Find, Replace: r.Replace,
	}
	for _, name := range r.Options {
		option, err := middlebox.ParseOption(name)
		if err != nil {
			return rule, err
		}
		rule.Options = append(rule.Options, option)
	}
	return rule, nil
}

// box is the link's middlebox, nil when it has none.
func (l *LinkConfig) box() (*middlebox.Box, error) {
	if len(l.Middlebox) == 0 {
		return nil, nil
	}
	var rules [2][]middlebox.Rule
	for _, config := range l.Middlebox {
		rule, err := config.rule()
		if err != nil {
			return nil, err
		}
		for end := range l.Ends {
			if config.From == "" || config.From == l.Ends[end].Host {
				rules[end] = append(rules[end], rule)
			}
		}
	}
	return middlebox.New(rules)
}

func (v *validator) linkRules(at document.Place, l *LinkConfig) {
	for i, config := range l.Middlebox {
		rule, err := config.rule()
		if err == nil {
			err = rule.Validate()
		}
		if err != nil {
			v.complain(at.Sub(i), "link %s: middlebox: %w", l.Name, err)
		}
		if config.From != "" && !l.joins(config.From) {
			v.complain(at.Sub(i, "from"), "link %s: middlebox: no end at %q", l.Name, config.From)
		}
	}
}

func (l *LinkConfig) joins(host string) bool {
	for _, end := range l.Ends {
		if end.Host == host {
			return true
		}
	}
	return false
}

func (v *validator) engine(t *Topology) {
	switch t.Engine {
	case "", EngineAuto, EngineNetem, EngineUserspace:
	default:
		engines := []string{string(EngineAuto), string(EngineNetem), string(EngineUserspace)}
		v.complain(document.Place{"engine"}, "engine %q: %v only%s", t.Engine, engines, document.Suggestion(string(t.Engine), engines))
	}
	for i, l := range t.Links {
		if t.Engine == EngineNetem && len(l.Middlebox) > 0 {
			v.complain(document.Place{"links", i, "middlebox"}, "link %s: a middlebox on a link needs the engine userspace", l.Name)
		}
	}
}
