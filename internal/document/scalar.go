package document

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/goccy/go-yaml/ast"
)

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
		return Wrong(node, "not a single value")
	}
	if err := check([]byte(scalar.GetToken().Value)); err != nil {
		return Wrong(node, "%v", err)
	}
	return nil
}

func reads[T any](parse func(string) (T, error)) func([]byte) error {
	return func(text []byte) error {
		_, err := parse(string(text))
		return err
	}
}

// whole checks a number, which is never negative.
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
