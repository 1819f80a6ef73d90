// Package document reads a YAML document strictly: unknown keys, values of another type
// and the like are errors with their place and what may have been meant.
package document
