package nft

import (
	"fmt"
	"strings"
)

// String is the ruleset as one line for nft(8): with the namespace's settings
// (see Install), nft 'LINE' does what Install does, but adds to a table that is
// there. Names and addresses that Validate accepts need no quoting.
func (r Ruleset) String() string {
	var b strings.Builder
	b.WriteString("table inet " + table + " {")
	for _, c := range r.chains() {
		fmt.Fprintf(&b, " chain %s { type %s hook %s priority %s; policy accept;", c.name, c.kind, c.hookName, c.priorityName)
		for _, rule := range c.rules {
			b.WriteString(" " + rule.text() + ";")
		}
		b.WriteString(" };")
	}
	b.WriteString(" }")
	return b.String()
}

func (r rule) text() string {
	var words []string
	for _, s := range r.statements {
		if s.text != "" {
			words = append(words, s.text)
		}
	}
	if r.comment != "" {
		words = append(words, fmt.Sprintf("comment %q", r.comment))
	}
	return strings.Join(words, " ")
}
