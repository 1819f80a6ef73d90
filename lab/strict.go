package lab

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"allroads/internal/netns"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// strict walks a document and finds the first thing that the YAML library lets
// pass in silence (a key that is not text, a fraction for a whole number), or
// complains about without saying where (an address, a rate). On its way it makes
// the values of sysctls what they are in the file: text.
type strict struct{ err error }

// Visit implements ast.Visitor.
func (s *strict) Visit(node ast.Node) ast.Visitor {
	if s.err != nil {
		return nil
	}
	switch node := node.(type) {
	case *ast.MappingValueNode:
		s.err = checkEntry(node)
	case *ast.TagNode: // The library panics where one has no value.
		s.err = syntaxError(node, "tag %s: a topology has none", node.GetToken().Value)
	}
	return s
}

// checks has the keys whose values are more than text, and how to read one.
var checks = map[string]func(text string) error{
	"address":           reads(netip.ParseAddr),
	"addresses":         reads(netip.ParsePrefix),
	"rate":              reads(ParseRate),
	"delay":             reads(time.ParseDuration),
	"jitter":            reads(time.ParseDuration),
	"loss":              reads(ParsePercent),
	"duplicate":         reads(ParsePercent),
	"reorder":           reads(ParsePercent),
	"queue":             whole(31),
	"to":                reads(ParseDestination),
	"from":              reads(ParseDestination),
	"via":               reads(netip.ParseAddr),
	"source":            reads(netip.ParseAddr),
	"table":             whole(32),
	"metric":            whole(32),
	"priority":          whole(32),
	"seed":              whole(64),
	"id":                whole(8),
	"port":              whole(16),
	"subflows":          whole(32),
	"add_addr_accepted": whole(32),
}

func reads[T any](parse func(string) (T, error)) func(string) error {
	return func(text string) error {
		_, err := parse(text)
		return err
	}
}

func whole(bits int) func(string) error {
	return func(text string) error {
		if _, err := strconv.ParseUint(text, 0, bits); err != nil {
			return fmt.Errorf("%q is not a whole number from 0 to %d", text, ^uint64(0)>>(64-bits))
		}
		return nil
	}
}

func checkEntry(entry *ast.MappingValueNode) error {
	key, ok := entry.Key.(*ast.StringNode)
	if !ok && !entry.Key.IsMergeKey() {
		return syntaxError(entry.Key, "key %s is not text", entry.Key)
	}
	if ok && netns.ValidSysctl(key.Value) {
		entry.Value = asText(entry.Value)
	}
	if !ok || checks[key.Value] == nil {
		return nil
	}
	list, ok := entry.Value.(*ast.SequenceNode)
	if !ok || key.Value != "addresses" {
		return checkValue(key.Value, entry.Value)
	}
	for _, value := range list.Values {
		if err := checkValue(key.Value, value); err != nil {
			return err
		}
	}
	return nil
}

// asText keeps a number as it is written: 010 would become 8, and 1.50 1.5.
func asText(value ast.Node) ast.Node {
	switch value.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return ast.String(value.GetToken())
	}
	return value
}

func checkValue(key string, value ast.Node) error {
	switch node := value.(type) {
	case *ast.AliasNode, *ast.NullNode: // An alias' value is checked where it stands, if under this key.
		return nil
	case *ast.AnchorNode:
		return checkValue(key, node.Value)
	case ast.ScalarNode:
		if err := checks[key](node.GetToken().Value); err != nil {
			return syntaxError(value, "%v", err)
		}
		return nil
	}
	return syntaxError(value, "%s is not a single value", key)
}

// checkTabs finds a tab inside a text without quotes, which the YAML library
// drops: of 4096<tab>8192, as sysctl(8) prints it, 40968192 would be left.
func checkTabs(tokens token.Tokens) error {
	for _, t := range tokens {
		switch t.Type {
		case token.CommentType, token.SingleQuoteType, token.DoubleQuoteType, token.InvalidType:
			continue
		}
		if strings.Count(strings.TrimSpace(t.Origin), "\t") > strings.Count(t.Value, "\t") {
			return &yaml.SyntaxError{Message: "a tab inside a text: put the text in single quotes", Token: t}
		}
	}
	return nil
}

func syntaxError(at ast.Node, format string, args ...any) error {
	return &yaml.SyntaxError{Message: fmt.Sprintf(format, args...), Token: at.GetToken()}
}
