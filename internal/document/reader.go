package document

import (
	"bytes"
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Reader reads documents of one kind, and knows which file each of them is of.
type Reader struct {
	What  string       // what a document is, for errors: topology
	Type  reflect.Type // what it is to become
	Empty bool         // whether a file may have no document, which is then an empty mapping
	Plain bool         // whether errors about lists, mappings and the like are ours, not the YAML library's
	// files are by the first token of each. (A token knows its line, and its neighbours,
	// but not its file.)
	files map[*token.Token]string
}

// Read reads the one document of a text and holds it to the Reader's type. The name is
// that of its file, for errors.
func (r *Reader) Read(name string, text []byte) (ast.Node, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // of editors on Windows
	tokens := lexer.Tokenize(string(text))
	if len(tokens) > 0 {
		if r.files == nil {
			r.files = map[*token.Token]string{}
		}
		r.files[tokens[0]] = name
	}
	if err := checkTabs(tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, err
	}
	body, err := r.onlyDocument(file)
	if err == nil {
		err = r.strict(body, r.Type)
	}
	return body, err
}

// onlyDocument returns the document of a file, which must not have several: the
// second would be read by nobody.
func (r *Reader) onlyDocument(file *ast.File) (body ast.Node, err error) {
	for _, document := range file.Docs {
		if document.Body == nil || document.Body.Type() == ast.DirectiveType {
			continue
		}
		if body != nil {
			return nil, &yaml.SyntaxError{Message: "a second document: a file holds one " + r.What, Token: document.Body.GetToken()}
		}
		body = document.Body
	}
	if body != nil {
		return body, nil
	}
	start := token.New("", "", &token.Position{Line: 1, Column: 1})
	if r.Empty {
		return ast.Mapping(start, false), nil
	}
	return nil, &yaml.SyntaxError{Message: "no " + r.What + ": the file is empty", Token: start}
}
