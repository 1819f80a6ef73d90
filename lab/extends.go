package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"allroads/internal/document"

	"github.com/goccy/go-yaml/ast"
)

// maxExtends is how many files may extend each other in a row, which ends those
// that extend themselves.
const maxExtends = 8

// extended returns a document laid over the one that its key extends names, and
// so on. Mappings are laid over each other key by key, and the lists of things that
// the lab is made of name by name, new ones behind; of all else the upper one
// counts, of the steps of a scenario too.
func extended(reader *document.Reader, name string, body ast.Node) (ast.Node, error) {
	for range maxExtends {
		base, ok := extends(body)
		if !ok {
			return body, nil
		}
		path, text, err := openBase(name, base)
		if err != nil {
			return nil, err
		}
		lower, err := reader.Read(path, text)
		if err != nil {
			return nil, err
		}
		body, name = lay("", without(body, "extends"), lower), path
	}
	return nil, fmt.Errorf("extends: more than %d files in a row: one extends itself?", maxExtends)
}

func extends(body ast.Node) (*ast.StringNode, bool) {
	for _, entry := range document.Entries(body) {
		if key, ok := document.KeyText(entry); ok && key == "extends" {
			name, ok := document.Unwrap(entry.Value).(*ast.StringNode)
			return name, ok
		}
	}
	return nil, false
}

// openBase reads the file that is to be extended, which is in the folder of the one
// that says so or below.
func openBase(from string, name *ast.StringNode) (path string, text []byte, err error) {
	if !filepath.IsLocal(name.Value) {
		return "", nil, document.Wrong(name, "extends %q: not a file in this file's folder or below", name.Value)
	}
	path = filepath.Join(filepath.Dir(from), name.Value)
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a file")
	}
	if err == nil {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		var why *fs.PathError
		if errors.As(err, &why) {
			err = why.Err
		}
		return "", nil, document.Wrong(name, "extends %q: %s: %v", name.Value, path, err)
	}
	return path, text, nil
}

// mergedLists are the keys of lists that are merged.
var mergedLists = []string{"hosts", "routers", "switches", "links", "processes"}

// lay lays one value of a key over another.
func lay(key string, upper, lower ast.Node) ast.Node {
	upper, lower = document.Unwrap(upper), document.Unwrap(lower)
	if document.Entries(upper) != nil && document.Entries(lower) != nil {
		return document.Lay(upper, lower, lay)
	}
	if list, ok := upper.(*ast.SequenceNode); ok && named(list) && slices.Contains(mergedLists, key) {
		if below, ok := lower.(*ast.SequenceNode); ok && named(below) {
			return layLists(list, below)
		}
	}
	return upper
}

func layLists(upper, lower *ast.SequenceNode) ast.Node {
	merged := ast.Sequence(upper.Start, upper.IsFlowStyle)
	place := map[string]int{}
	for _, value := range lower.Values {
		place[nameOf(value)] = len(merged.Values)
		merged.Values = append(merged.Values, value)
	}
	for _, value := range upper.Values {
		if i, ok := place[nameOf(value)]; ok {
			merged.Values[i] = lay("", value, merged.Values[i])
		} else {
			merged.Values = append(merged.Values, value)
		}
	}
	return merged
}

// named reports whether a list's elements all have names.
func named(list *ast.SequenceNode) bool {
	for _, value := range list.Values {
		if nameOf(value) == "" {
			return false
		}
	}
	return true
}

func nameOf(node ast.Node) string {
	for _, entry := range document.Entries(document.Unwrap(node)) {
		if key, ok := document.KeyText(entry); ok && key == "name" {
			return entry.Value.GetToken().Value
		}
	}
	return ""
}

func without(node ast.Node, name string) ast.Node {
	rest := ast.Mapping(node.GetToken(), false)
	for _, entry := range document.Entries(node) {
		if key, ok := document.KeyText(entry); !ok || key != name {
			rest.Values = append(rest.Values, entry)
		}
	}
	return rest
}
