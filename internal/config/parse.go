package config

import (
	"fmt"
	"reflect"

	"allroads/internal/document"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Parse reads and checks a configuration from YAML. The name is that of its file, for
// errors, which say line and column. A file without a document is the default.
func Parse(name string, text []byte) (*Config, error) {
	return parse(name, source{name, text})
}

// source is a file and what is in it.
type source struct {
	name string
	text []byte
}

// parse reads configurations laid over each other, the last one on top. The name is for
// errors that have no place.
func parse(name string, sources ...source) (*Config, error) {
	reader := document.Reader{What: "configuration", Type: reflect.TypeFor[Config](), Empty: true, Plain: true}
	var body ast.Node
	for _, s := range sources {
		upper, err := reader.Read(s.name, s.text)
		if err == nil {
			err = isMapping(upper)
		}
		if err != nil {
			return nil, fmt.Errorf("parse configuration %s", reader.Locate(s.name, err))
		}
		body = overlay(document.Unwrap(upper), body)
	}
	c := &Config{CheckEvery: defaultCheckEvery}
	if err := yaml.NodeToValue(body, c, yaml.DisallowUnknownField()); err != nil {
		return nil, fmt.Errorf("parse configuration %s", reader.Locate(name, err))
	}
	if mistakes := c.mistakes(); len(mistakes) > 0 {
		return nil, reader.Join(name, body, mistakes)
	}
	c.complete()
	return c, nil
}

func isMapping(body ast.Node) error {
	if _, ok := document.Unwrap(body).(ast.MapNode); !ok {
		return document.Wrong(body, "not a mapping: a configuration has keys with their values, as mode: auto")
	}
	for _, entry := range document.Entries(document.Unwrap(body)) {
		if entry.Key.IsMergeKey() {
			return document.Wrong(entry.Key, "<< among the keys of the configuration itself: write the keys here")
		}
	}
	return nil
}
