// Package sketch draws small computer networks: in a terminal and as SVG.
//
// Both drawings come from one layout. The nodes stand in layers from left to
// right, and a node is as tall as its links need, so that most links are straight
// and have room for what is written on them.
package sketch

import "fmt"

// Graph is a network to draw. Nodes are told apart by their names: of two with the
// same name the first is drawn. A node that only a link names is drawn as a host.
// Any text is accepted; what cannot be shown in it is drawn as U+FFFD.
type Graph struct {
	Name  string // written above the drawing, unless empty
	Nodes []Node // the first one stands at the left
	Edges []Edge
}

// Node is a host, or another thing that has links.
type Node struct {
	Name string
	Kind Kind
}

// Edge is a link between two nodes, or from a node to itself.
type Edge struct {
	Name  string
	A, B  Port
	Notes []string // such as "50mbit", "delay 20ms", "loss 1%"
	Down  bool
}

// Port is one end of a link.
type Port struct {
	Node      string
	Interface string   // may be empty
	Addresses []string // with or without a prefix length
}

// Kind is what a node is. It decides the shape of its box.
type Kind int

// The kinds of nodes.
const (
	Host Kind = iota
	Router
	Switch
	Middlebox
)

var kindNames = [...]string{"host", "router", "switch", "middlebox"}

// String is the kind in one lower-case word.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return fmt.Sprintf("kind-%d", int(k))
	}
	return kindNames[k]
}
