package config

import (
	"allroads/internal/document"

	"github.com/goccy/go-yaml/ast"
)

// overlay lays a file over those before it. Rules come behind those before, limits are
// laid over each other one by one, and of all else the upper counts. A key without a
// value is as one that is not there.
func overlay(upper, lower ast.Node) ast.Node {
	if lower == nil {
		lower = ast.Mapping(upper.GetToken(), false)
	}
	return document.Lay(withValues(upper), lower, func(key string, upper, lower ast.Node) ast.Node {
		upper, lower = document.Unwrap(upper), document.Unwrap(lower)
		switch {
		case key == "interfaces" || key == "connections":
			return appended(upper, lower)
		case key == "limits" && document.Entries(upper) != nil && document.Entries(lower) != nil:
			return overlay(upper, lower)
		}
		return upper
	})
}

// withValues leaves out the keys without a value.
func withValues(node ast.Node) ast.Node {
	rest := ast.Mapping(node.GetToken(), false)
	for _, entry := range document.Entries(node) {
		if entry.Value.Type() != ast.NullType {
			rest.Values = append(rest.Values, entry)
		}
	}
	return rest
}

// appended is a list behind another; where one is no list, that is complained about.
func appended(upper, lower ast.Node) ast.Node {
	behind, ok := upper.(*ast.SequenceNode)
	before, too := lower.(*ast.SequenceNode)
	if !ok || !too {
		return upper
	}
	both := ast.Sequence(before.Start, before.IsFlowStyle)
	both.Values = append(append(both.Values, before.Values...), behind.Values...)
	return both
}
