// Package examples holds the topologies that come with allroads.
package examples

import _ "embed"

// TwoPaths is the topology of `allroads demo`: two hosts joined by two paths.
//
//go:embed two-paths.yaml
var TwoPaths []byte

// WifiLTE is a phone with two uplinks that are like real ones.
//
//go:embed wifi-lte.yaml
var WifiLTE []byte
