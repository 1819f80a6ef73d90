package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"allroads/internal/document"
)

// Check reports everything that is wrong with the configuration, joined.
func (c *Config) Check() error {
	var errs []error
	for _, m := range c.mistakes() {
		errs = append(errs, m.Err)
	}
	return errors.Join(errs...)
}

type checker struct{ mistakes []document.Mistake }

func (c *Config) mistakes() []document.Mistake {
	var k checker
	k.namespaces(c.Namespaces)
	word(&k, document.Place{"mode"}, "mode", c.Mode, modes)
	word(&k, document.Place{"on_stop"}, "on_stop", c.OnStop, onStops)
	k.strategy(document.Place{"strategy"}, c.Strategy)
	k.span(document.Place{"check_every"}, c.CheckEvery, 100*time.Millisecond, 24*time.Hour, "0 for never")
	k.limit("subflows", c.Limits.Subflows)
	k.limit("add_addr_accepted", c.Limits.AddAddrAccepted)
	for i := range c.Interfaces {
		k.interfaceRule(document.Place{"interfaces", i}, &c.Interfaces[i])
	}
	for i := range c.Connections {
		k.connectionRule(document.Place{"connections", i}, &c.Connections[i])
	}
	k.together("interfaces", len(c.Interfaces), func(i int) string { return c.Interfaces[i].Name },
		func(i, j int) bool { return c.Interfaces[i].Match.covers(c.Interfaces[j].Match) })
	k.together("connections", len(c.Connections), func(i int) string { return c.Connections[i].Name },
		func(i, j int) bool { return c.Connections[i].Match.covers(c.Connections[j].Match) })
	return k.mistakes
}

func (k *checker) complain(at document.Place, format string, args ...any) {
	k.mistakes = append(k.mistakes, document.Mistake{At: at, Err: fmt.Errorf(format, args...)})
}

// word complains where a value is neither left open nor one of those there are.
func word[T ~string](k *checker, at document.Place, what string, value T, there []T) {
	if value != "" && !slices.Contains(there, value) {
		k.complain(at, "%s %q: %s%s", what, value, listed(there), document.Suggestion(string(value), texts(there)))
	}
}

// within complains where a number is outside of its range.
func within[T cmp.Ordered](k *checker, at document.Place, value, least, most T) {
	if !(value >= least && value <= most) {
		k.complain(at, "%v %v: %v to %v only", at[len(at)-1], value, least, most)
	}
}

// span complains where a time span is neither 0 nor within its range.
func (k *checker) span(at document.Place, value, least, most time.Duration, zero string) {
	if value != 0 && (value < least || value > most) {
		k.complain(at, "%v %v: %v to %v, or %s", at[len(at)-1], value, least, most, zero)
	}
}

// list complains about a list that is written and empty, which would match everything,
// and about what stands in it twice.
func list[T comparable](k *checker, at document.Place, values []T, each func(at document.Place, value T)) {
	if values != nil && len(values) == 0 {
		k.complain(at, "%v: an empty list would match everything: leave it out, or say what is to match", at[len(at)-1])
	}
	for i, value := range values {
		at := at.Sub(i)
		if slices.Contains(values[:i], value) {
			k.complain(at, "%v: twice", value)
		}
		each(at, value)
	}
}

// maxLimit is what kernels take from 7.2 on; before, it was 8.
const maxLimit = 64

func (k *checker) limit(name string, value *uint32) {
	if value != nil {
		within(k, document.Place{"limits", name}, *value, 0, maxLimit)
	}
}
