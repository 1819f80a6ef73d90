package lab

import (
	"bytes"
	"errors"
	"fmt"
	"os"
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

// Parse reads and validates a topology from YAML, a single document. The name
// is for errors, which say line and column. Keys that do not exist are errors.
func Parse(name string, text []byte) (*Topology, error) {
	topology, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("parse topology %s", locate(name, err))
	}
	if err := topology.Validate(); err != nil {
		return nil, fmt.Errorf("check topology %s: %w", name, err)
	}
	return topology, nil
}

// locate puts the file's name and the place of an error before it, and the
// lines around that place after it.
func locate(name string, err error) string {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return name + ": " + err.Error()
	}
	position := at.GetToken().Position
	_, lines, _ := strings.Cut(at.FormatError(false, true), at.GetMessage())
	return fmt.Sprintf("%s:%d:%d: %s%s", name, position.Line, position.Column, at.GetMessage(),
		strings.TrimRight(lines, " \n"))
}

func decode(text []byte) (*Topology, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // of editors on Windows
	tokens := lexer.Tokenize(string(text))
	if err := checkTabs(tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, err
	}
	body, err := onlyDocument(file)
	if err != nil {
		return nil, err
	}
	var strict strict
	if ast.Walk(&strict, body); strict.err != nil {
		return nil, strict.err
	}
	var topology Topology
	err = yaml.NodeToValue(body, &topology, yaml.DisallowUnknownField())
	return &topology, err
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
