package lab

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// place is where something stands in a topology: the keys and list positions
// that lead there.
type place []any

func (p place) sub(keys ...any) place { return append(slices.Clip(p), keys...) }

// find returns the node that a place leads to in a document, or the last one on
// the way there, when what is meant is what is missing.
func (p place) find(node ast.Node) ast.Node {
	node = unwrap(node)
	if len(p) == 0 {
		return node
	}
	switch key := p[0].(type) {
	case string:
		for _, entry := range entries(node) {
			if text, ok := keyText(entry); ok && text == key {
				return p[1:].find(entry.Value)
			}
		}
	case int:
		if list, ok := node.(*ast.SequenceNode); ok && key < len(list.Values) {
			return p[1:].find(list.Values[key])
		}
	}
	return node
}

// unwrap takes an anchor off what it names.
func unwrap(node ast.Node) ast.Node {
	if anchor, ok := node.(*ast.AnchorNode); ok {
		return anchor.Value
	}
	return node
}

// entries are what is in a mapping; nothing when it is none.
func entries(node ast.Node) []*ast.MappingValueNode {
	switch node := node.(type) {
	case *ast.MappingNode:
		return node.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{node}
	}
	return nil
}

func keyText(entry *ast.MappingValueNode) (string, bool) {
	key, ok := entry.Key.(*ast.StringNode)
	if !ok {
		return "", false
	}
	return key.Value, true
}
