package document

import (
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// Place is where something stands in a document: the keys and list positions that lead
// there.
type Place []any

// Sub is a place below.
func (p Place) Sub(keys ...any) Place { return append(slices.Clip(p), keys...) }

// Find returns the node that a place leads to in a document, or the last one on
// the way there, when what is meant is what is missing.
func (p Place) Find(node ast.Node) ast.Node {
	node = Unwrap(node)
	if len(p) == 0 {
		return node
	}
	switch key := p[0].(type) {
	case string:
		for _, entry := range Entries(node) {
			if text, ok := KeyText(entry); ok && text == key {
				return p[1:].Find(entry.Value)
			}
		}
	case int:
		if list, ok := node.(*ast.SequenceNode); ok && key < len(list.Values) {
			return p[1:].Find(list.Values[key])
		}
	}
	return node
}

// Unwrap takes an anchor off what it names.
func Unwrap(node ast.Node) ast.Node {
	if anchor, ok := node.(*ast.AnchorNode); ok {
		return anchor.Value
	}
	return node
}

// Entries are what is in a mapping; nothing when it is none.
func Entries(node ast.Node) []*ast.MappingValueNode {
	switch node := node.(type) {
	case *ast.MappingNode:
		return node.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{node}
	}
	return nil
}

// KeyText is the key of an entry, where that is text.
func KeyText(entry *ast.MappingValueNode) (string, bool) {
	key, ok := entry.Key.(*ast.StringNode)
	if !ok {
		return "", false
	}
	return key.Value, true
}
