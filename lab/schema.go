package lab

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of topology files, for editors. It
// takes what Parse takes, save that a value must not be left empty, and that a
// number with a unit is a plain decimal one. What takes more than a look at one
// value, as whether a host exists, only Parse finds.
func Schema() []byte { return slices.Clone(schema) }
