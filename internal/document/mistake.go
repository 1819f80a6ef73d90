package document

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Mistake is something wrong in what a document says, and where.
type Mistake struct {
	At   Place
	Err  error
	With Place // what it does not go together with, or nil
}

// Wrong is an error at a node.
func Wrong(at ast.Node, format string, args ...any) error {
	return &yaml.SyntaxError{Message: fmt.Sprintf(format, args...), Token: at.GetToken()}
}

// Join is the error of all mistakes in a document, each with its place.
func (r *Reader) Join(name string, body ast.Node, mistakes []Mistake) error {
	var errs []error
	for _, m := range mistakes {
		at := first(m.At.Find(body))
		if m.With != nil {
			m.Err = fmt.Errorf("%w (%s)", m.Err, r.line(name, body, m.With))
		}
		errs = append(errs, fmt.Errorf("check %s %s", r.What, r.Locate(name, Wrong(at, "%v", m.Err))))
	}
	return errors.Join(errs...)
}

// Locate puts the file's name and the place of an error before it, and the lines
// around that place after it. The name is for errors that have no place.
func (r *Reader) Locate(name string, err error) string {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return name + ": " + err.Error()
	}
	position := at.GetToken().Position
	_, lines, _ := strings.Cut(at.FormatError(false, true), at.GetMessage())
	return fmt.Sprintf("%s:%d:%d: %s%s", r.file(at.GetToken(), name), position.Line, position.Column, at.GetMessage(),
		strings.TrimRight(lines, " \n"))
}

// line is where a place of a document stands: FILE:LINE.
func (r *Reader) line(name string, body ast.Node, at Place) string {
	t := first(at.Find(body)).GetToken()
	return fmt.Sprintf("%s:%d", r.file(t, name), t.Position.Line)
}

// file is the file that a token is of.
func (r *Reader) file(t *token.Token, otherwise string) string {
	for t.Prev != nil {
		t = t.Prev
	}
	if name, ok := r.files[t]; ok {
		return name
	}
	return otherwise
}

// first is what a mapping begins with: the mapping itself says where its first
// colon is.
func first(node ast.Node) ast.Node {
	if all := Entries(node); len(all) > 0 {
		return all[0].Key
	}
	return node
}
