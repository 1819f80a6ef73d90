package lab

import (
	"fmt"
	"os"

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

// Parse reads and validates a topology from YAML. The name is for errors, which
// say line and column. Keys that do not exist are errors.
func Parse(name string, text []byte) (*Topology, error) {
	var topology Topology
	if err := yaml.UnmarshalWithOptions(text, &topology, yaml.DisallowUnknownField()); err != nil {
		return nil, fmt.Errorf("parse topology %s: %s", name, yaml.FormatError(err, false, true))
	}
	if err := topology.Validate(); err != nil {
		return nil, fmt.Errorf("check topology %s: %w", name, err)
	}
	return &topology, nil
}
