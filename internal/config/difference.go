package config

import (
	"fmt"
	"reflect"
	"slices"
)

// Difference says in words what another configuration changes, in the order of the
// reference: "mode: auto -> kernel", `interfaces: rule "lte" added`. Rules are the same
// ones if they have the same name or, without one, if they are equal.
func Difference(a, b *Config) []string {
	was, is := *a, *b
	was.Interfaces, was.Connections, is.Interfaces, is.Connections = nil, nil, nil, nil
	changes := changed("", was, is)
	changes = append(changes, rulesChanged("interfaces", a.Interfaces, b.Interfaces, func(r InterfaceRule) string { return r.Name })...)
	return append(changes, rulesChanged("connections", a.Connections, b.Connections, func(r ConnectionRule) string { return r.Name })...)
}

// changed compares two structs key by key.
func changed(before string, a, b any) (changes []string) {
	was, is := values(reflect.ValueOf(a)), values(reflect.ValueOf(b))
	for i, now := range is {
		if then := was[i]; then.text != now.text {
			changes = append(changes, fmt.Sprintf("%s%s: %s -> %s", before, now.key, then.text, now.text))
		}
	}
	return changes
}

// rulesChanged compares lists of rules.
func rulesChanged[T any](list string, a, b []T, name func(T) string) (changes []string) {
	was, is := identified(list, a, name), identified(list, b, name)
	for _, then := range was {
		if then.in(is) == nil {
			changes = append(changes, fmt.Sprintf("%s: rule %s removed", list, then.label))
		}
	}
	for _, now := range is {
		if then := now.in(was); then == nil {
			changes = append(changes, fmt.Sprintf("%s: rule %s added", list, now.label))
		} else {
			changes = append(changes, changed(fmt.Sprintf("%s: rule %s: ", list, now.label), then.rule, now.rule)...)
		}
	}
	if !slices.Equal(common(was, is), common(is, was)) {
		changes = append(changes, list+": rules in another order")
	}
	return changes
}

// identity is a rule, how it is known, and what it is called in words.
type identity struct {
	key, label string
	rule       any
}

func identified[T any](list string, rules []T, name func(T) string) (all []identity) {
	for i, rule := range rules {
		id := identity{key: "name " + name(rule), label: fmt.Sprintf("%q", name(rule)), rule: rule}
		if name(rule) == "" {
			id.key, id.label = "rule "+inWords(reflect.ValueOf(rule)), ruleName(list, i, "")
		}
		all = append(all, id)
	}
	return all
}

func (id identity) in(all []identity) *identity {
	if i := slices.IndexFunc(all, func(other identity) bool { return other.key == id.key }); i >= 0 {
		return &all[i]
	}
	return nil
}

// common are the keys of those that are in another list, too, in order.
func common(all, others []identity) (keys []string) {
	for _, id := range all {
		if id.in(others) != nil {
			keys = append(keys, id.key)
		}
	}
	return keys
}
