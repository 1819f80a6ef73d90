package sketch_test

import (
	"fmt"

	"pgregory.net/rapid"

	"allroads/internal/sketch"
)

// anyText is text that may be in a name or a note: words, other scripts, XML,
// control characters, broken UTF-8.
var anyText = rapid.OneOf(
	rapid.StringMatching(`[a-z0-9.-]{0,20}`),
	rapid.StringOfN(rapid.RuneFrom([]rune("aé漢🚀<>&\"'\x00\x1b\n\t \u0301\u202e")), 0, 8, -1),
	rapid.SampledFrom([]string{"", "]]>", "<!--", "&amp;", "\xff\xfe", "a b  c", "50mbit"}),
)

var anyAddress = rapid.SampledFrom([]string{
	"10.0.0.1/24", "192.168.100.200/24", "fd00::1/64", "2001:db8:1234:5678:9abc:def0:1234:5678/64",
})

// anyGraph makes graphs whose nodes are named n0..., n1..., and whose edges
// l0..., l1... Half of them are trees.
func anyGraph(t *rapid.T) sketch.Graph {
	g := sketch.Graph{Name: anyText.Draw(t, "name")}
	count := rapid.IntRange(1, 14).Draw(t, "nodes")
	for i := range count {
		g.Nodes = append(g.Nodes, sketch.Node{
			Name: fmt.Sprintf("n%d.%s", i, anyText.Draw(t, "node")),
			Kind: sketch.Kind(rapid.IntRange(-1, 5).Draw(t, "kind")),
		})
	}
	if rapid.Bool().Draw(t, "tree") {
		for i := range g.Nodes[1:] {
			addEdge(t, &g, g.Nodes[i+1:i+2], g.Nodes[:i+1])
		}
		return g
	}
	for range rapid.IntRange(0, 2*count).Draw(t, "edges") {
		addEdge(t, &g, g.Nodes, g.Nodes)
	}
	return g
}

// addEdge adds an edge from one of some nodes to one of others, either way round.
func addEdge(t *rapid.T, g *sketch.Graph, some, others []sketch.Node) {
	if rapid.Bool().Draw(t, "turned") {
		some, others = others, some
	}
	g.Edges = append(g.Edges, sketch.Edge{
		Name: fmt.Sprintf("l%d.%s", len(g.Edges), anyText.Draw(t, "edge")),
		A:    anyPort(t, some), B: anyPort(t, others),
		Notes: rapid.SliceOfN(anyText, 0, 4).Draw(t, "notes"),
		Down:  rapid.Bool().Draw(t, "down"),
	})
}

func anyPort(t *rapid.T, nodes []sketch.Node) sketch.Port {
	return sketch.Port{
		Node:      rapid.SampledFrom(nodes).Draw(t, "end").Name,
		Interface: anyText.Draw(t, "interface"),
		Addresses: rapid.SliceOfN(anyAddress, 0, 3).Draw(t, "addresses"),
	}
}

// texts are all that has to be in a drawing.
func texts(g sketch.Graph) (list []string) {
	add := func(all ...string) {
		for _, s := range all {
			list = append(list, sketch.Clean(s))
		}
	}
	add(g.Name)
	for _, n := range g.Nodes {
		add(n.Name)
	}
	for _, e := range g.Edges {
		add(e.Name, e.A.Interface, e.B.Interface)
		add(e.Notes...)
		add(e.A.Addresses...)
		add(e.B.Addresses...)
	}
	return list
}
