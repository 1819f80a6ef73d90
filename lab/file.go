package lab

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Load reads and validates a topology from a YAML file.
func Load(path string) (*Topology, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read topology: %w", err)
	}
	return Parse(path, text)
}

// Parse reads and validates a topology from YAML, a single document. The name is
// that of its file, for errors, which say line and column, and for the place of a
// file that it extends. Keys that do not exist are errors.
func Parse(name string, text []byte) (*Topology, error) {
	sources := sources{}
	body, err := sources.read(name, text)
	if err == nil {
		body, err = sources.extended(name, body)
	}
	var topology Topology
	if err == nil {
		err = yaml.NodeToValue(body, &topology, yaml.DisallowUnknownField())
	}
	if err != nil {
		return nil, fmt.Errorf("parse topology %s", sources.locate(name, err))
	}
	if problems := topology.problems(); len(problems) > 0 {
		return nil, sources.wrong(name, body, problems)
	}
	return &topology, nil
}

// sources says which file the first token of a document is of. (A token knows
// its line, and its neighbours, but not its file.)
type sources map[*token.Token]string

func (s sources) read(name string, text []byte) (ast.Node, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // of editors on Windows
	tokens := lexer.Tokenize(string(text))
	if len(tokens) > 0 {
		s[tokens[0]] = name
	}
	if err := checkTabs(tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, err
	}
	body, err := onlyDocument(file)
	if err == nil {
		err = strict(body, reflect.TypeFor[Topology]())
	}
	return body, err
}

// file is the file that a token is of.
func (s sources) file(t *token.Token, otherwise string) string {
	for t.Prev != nil {
		t = t.Prev
	}
	if name, ok := s[t]; ok {
		return name
	}
	return otherwise
}

// locate puts the file's name and the place of an error before it, and the
// lines around that place after it.
func (s sources) locate(name string, err error) string {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return name + ": " + err.Error()
	}
	position := at.GetToken().Position
	_, lines, _ := strings.Cut(at.FormatError(false, true), at.GetMessage())
	return fmt.Sprintf("%s:%d:%d: %s%s", s.file(at.GetToken(), name), position.Line, position.Column, at.GetMessage(),
		strings.TrimRight(lines, " \n"))
}

// wrong is the error of all problems, each with its place.
func (s sources) wrong(name string, body ast.Node, problems []problem) error {
	var errs []error
	for _, p := range problems {
		at := first(p.at.find(body))
		errs = append(errs, fmt.Errorf("check topology %s", s.locate(name, syntaxError(at, "%v", p.err))))
	}
	return errors.Join(errs...)
}

// first is what a mapping begins with: the mapping itself says where its first
// colon is.
func first(node ast.Node) ast.Node {
	if all := entries(node); len(all) > 0 {
		return all[0].Key
	}
	return node
}

// onlyDocument returns the document of a file, which must not have several: the
// second would be read by nobody.
func onlyDocument(file *ast.File) (body ast.Node, err error) {
	for _, document := range file.Docs {
		if document.Body == nil || document.Body.Type() == ast.DirectiveType {
			continue
		}
		if body != nil {
			return nil, &yaml.SyntaxError{Message: "a second document: a file holds one topology", Token: document.Body.GetToken()}
		}
		body = document.Body
	}
	if body == nil {
		start := token.New("", "", &token.Position{Line: 1, Column: 1})
		return nil, &yaml.SyntaxError{Message: "no topology: the file is empty", Token: start}
	}
	return body, nil
}
