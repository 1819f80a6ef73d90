package config

import (
	"slices"
	"strings"
	"unicode"

	"allroads/internal/document"
)

// reserved are what answers call rules that have no name.
var reserved = []string{"built-in", "interfaces[", "connections["}

// ruleName complains about a name that is nothing to show, or means another rule.
func (k *checker) ruleName(at document.Place, name string) {
	begins := func(word string) bool { return strings.HasPrefix(name, word) }
	switch {
	case name == "":
	case len(name) > 63 || !printable(name) || strings.TrimSpace(name) != name:
		k.complain(at, "name %q: printable, without spaces around it, and 63 bytes at most", name)
	case slices.ContainsFunc(reserved, begins), name == "interface", name == "strategy":
		k.complain(at, "name %q: what allroads calls rules without a name: choose another", name)
	}
}

func printable(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}
