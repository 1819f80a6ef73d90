package cli

import (
	"fmt"
	"slices"

	"allroads/internal/program"
)

// tryOptions joins what the file tells with what was observed, and has the kernel say
// what of that fails.
func (c *checkedProgram) tryOptions() error {
	var uses []program.Use
	for _, p := range c.processes {
		for _, s := range p.Sockets {
			for _, name := range s.Options {
				if !slices.ContainsFunc(uses, func(u program.Use) bool { return u.Option == name }) {
					uses = append(uses, program.Use{Option: name, Certainty: program.Observed, Why: fmt.Sprintf("at descriptor %d of process %d", s.Descriptors[0], p.PID)})
				}
			}
		}
	}
	if c.program != nil {
		uses = append(uses, c.program.Options...)
	}
	uses = program.Distinct(uses)
	var names []string
	for _, u := range uses {
		names = append(names, u.Option)
	}
	if len(names) == 0 {
		return nil
	}
	fates, err := program.Probe(names...)
	if err != nil {
		c.notices = append(c.notices, oneLine(err))
	}
	for _, u := range uses {
		i := slices.IndexFunc(fates, func(f program.Fate) bool { return f.Option == u.Option })
		option := checkedOption{Use: u}
		if i >= 0 {
			option.Fails = fates[i].Set
		}
		c.options = append(c.options, option)
	}
	return nil
}

// failing are the options that fail here.
func (c *checkedProgram) failing() (failing []checkedOption) {
	for _, o := range c.options {
		if o.Fails != nil && *o.Fails {
			failing = append(failing, o)
		}
	}
	return failing
}
