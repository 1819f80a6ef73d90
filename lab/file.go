package lab

import (
	"fmt"
	"os"
	"reflect"

	"allroads/internal/document"

	"github.com/goccy/go-yaml"
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
	reader := document.Reader{What: "topology", Type: reflect.TypeFor[Topology]()}
	body, err := reader.Read(name, text)
	if err == nil {
		body, err = extended(&reader, name, body)
	}
	var topology Topology
	if err == nil {
		err = yaml.NodeToValue(body, &topology, yaml.DisallowUnknownField())
	}
	if err != nil {
		return nil, fmt.Errorf("parse topology %s", reader.Locate(name, err))
	}
	if problems := topology.problems(); len(problems) > 0 {
		return nil, reader.Join(name, body, problems)
	}
	return &topology, nil
}
