package document

import (
	"reflect"

	"github.com/goccy/go-yaml/ast"
)

// Short is a struct that a single value may stand for, which is then that of one key:
// `strategy: handover` for `strategy: {kind: handover}`.
type Short interface{ ShortFor() (key string) }

// spelledOut puts a single value under the key that it is short for.
func spelledOut(value ast.Node, t reflect.Type) ast.Node {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || !t.Implements(reflect.TypeFor[Short]()) {
		return value
	}
	switch value.(type) {
	case *ast.StringNode, *ast.LiteralNode:
	default:
		return value
	}
	text := *value.GetToken()
	text.Value = reflect.Zero(t).Interface().(Short).ShortFor()
	return ast.Mapping(value.GetToken(), false, ast.MappingValue(value.GetToken(), ast.String(&text), value))
}
