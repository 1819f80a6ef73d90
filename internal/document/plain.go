package document

import (
	"reflect"

	"github.com/goccy/go-yaml/ast"
)

// plain says in plain words that a value is of another kind than its place, which the
// YAML library says in those of Go.
func plain(node ast.Node, t reflect.Type) error {
	switch t.Kind() {
	case reflect.Slice:
		if _, ok := node.(*ast.SequenceNode); !ok {
			return Wrong(node, "not a list: put it in brackets")
		}
	case reflect.Struct:
		if _, ok := node.(ast.MapNode); !ok {
			return Wrong(node, "not a mapping: keys with their values belong here")
		}
	case reflect.Bool:
		if _, ok := node.(*ast.BoolNode); !ok {
			return Wrong(node, "neither true nor false")
		}
	case reflect.Float64:
		switch node.(type) {
		case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		default:
			return Wrong(node, "not a number, as 0.05")
		}
	case reflect.String:
		if _, ok := node.(ast.ScalarNode); !ok {
			return Wrong(node, "not a single value")
		}
	}
	return nil
}
