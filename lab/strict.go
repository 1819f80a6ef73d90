package lab

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// strict holds a document to the Go type that it is to become, and finds what
// the YAML library lets pass in silence (a key that is not text, a fraction for
// a whole number), or complains about without saying where (an address, a rate).
// On its way it makes every value that is to be text what it is in the file.
// What it says nothing about is the library's to find.
func strict(node ast.Node, t reflect.Type) error {
	switch node := node.(type) {
	case *ast.AnchorNode:
		return strict(node.Value, t)
	case *ast.AliasNode, *ast.NullNode: // What an alias stands for is checked where it stands.
		return nil
	case *ast.TagNode: // The library panics where one has no value.
		return syntaxError(node, "tag %s: a topology has none", node.GetToken().Value)
	}
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return strictText(node, reads(time.ParseDuration))
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return strictText(node, reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return strict(node, t.Elem())
	case reflect.Struct:
		return strictStruct(node, fields(t))
	case reflect.Map:
		return strictMap(node, t.Elem())
	case reflect.Slice:
		return strictList(node, t.Elem())
	case reflect.Int, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strictText(node, whole(t))
	}
	return nil
}

func strictStruct(node ast.Node, fields map[string]reflect.Type) error {
	for _, entry := range entries(node) {
		if entry.Key.IsMergeKey() {
			continue
		}
		name, ok := keyText(entry)
		if !ok {
			return syntaxError(entry.Key, "key %s is not text", entry.Key)
		}
		t, ok := fields[name]
		if !ok {
			return syntaxError(entry.Key, "unknown key %q%s", name, suggestion(name, keysOf(fields)))
		}
		if err := strictEntry(entry, t); err != nil {
			return err
		}
	}
	return nil
}

func strictMap(node ast.Node, t reflect.Type) error {
	for _, entry := range entries(node) {
		if _, ok := keyText(entry); !ok && !entry.Key.IsMergeKey() {
			return syntaxError(entry.Key, "key %s is not text", entry.Key)
		}
		if err := strictEntry(entry, t); err != nil {
			return err
		}
	}
	return nil
}

func strictEntry(entry *ast.MappingValueNode, t reflect.Type) error {
	entry.Value = asText(entry.Value, t)
	return strict(entry.Value, t)
}

func strictList(node ast.Node, t reflect.Type) error {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		return nil
	}
	for i := range list.Values {
		list.Values[i] = asText(list.Values[i], t)
		if err := strict(list.Values[i], t); err != nil {
			return err
		}
	}
	return nil
}

// asText keeps a number that is to be text as it is written: 010 would become 8,
// and 1.50 1.5. A time span of 0 needs no unit.
func asText(value ast.Node, t reflect.Type) ast.Node {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch value.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
	default:
		return value
	}
	text := value.GetToken()
	switch {
	case t.Kind() == reflect.String:
		return ast.String(text)
	case t == reflect.TypeFor[time.Duration]() && text.Value == "0":
		zero := *text
		zero.Value = "0s"
		return ast.String(&zero)
	}
	return value
}

func strictText(node ast.Node, check func([]byte) error) error {
	scalar, ok := node.(ast.ScalarNode)
	if !ok {
		return syntaxError(node, "not a single value")
	}
	if err := check([]byte(scalar.GetToken().Value)); err != nil {
		return syntaxError(node, "%v", err)
	}
	return nil
}

func reads[T any](parse func(string) (T, error)) func([]byte) error {
	return func(text []byte) error {
		_, err := parse(string(text))
		return err
	}
}

// whole checks a number, which is never negative in a topology.
func whole(t reflect.Type) func([]byte) error {
	bits := t.Bits()
	if t.Kind() == reflect.Int {
		bits = 31
	}
	return func(text []byte) error {
		if _, err := strconv.ParseUint(string(text), 0, bits); err != nil {
			return fmt.Errorf("%q is not a whole number from 0 to %d", text, ^uint64(0)>>(64-bits))
		}
		return nil
	}
}

// fields are the keys of a struct, those of inlined ones with them.
func fields(t reflect.Type) map[string]reflect.Type {
	found := map[string]reflect.Type{}
	for field := range t.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		switch {
		case field.Anonymous:
			for name, t := range fields(field.Type) {
				found[name] = t
			}
		case name != "":
			found[name] = field.Type
		}
	}
	return found
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
