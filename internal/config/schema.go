package config

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of configuration files, for editors. It takes
// what Parse takes of a single file, save that a value must not be left empty, and that a
// number is a plain decimal one. What takes more than a look at one value, as whether a
// rule is ever asked, only Parse finds.
func Schema() []byte { return slices.Clone(schema) }
