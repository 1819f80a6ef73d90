package sketch_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"allroads/internal/sketch"
)

// fan is a router with n hosts, each joined to the next one too.
func fan(n int) sketch.Graph {
	g := sketch.Graph{Nodes: []sketch.Node{{Name: "hub", Kind: sketch.Router}}}
	for i := range n {
		g.Nodes = append(g.Nodes, sketch.Node{Name: fmt.Sprintf("h%d", i)})
		g.Edges = append(g.Edges, edge(fmt.Sprintf("s%d", i), fmt.Sprintf("hub:e%d 10.0.%d.1/24", i, i), fmt.Sprintf("h%d:e 10.0.%d.2/24", i, i)))
		if i > 0 {
			g.Edges = append(g.Edges, edge(fmt.Sprintf("n%d", i), fmt.Sprintf("h%d:r", i-1), fmt.Sprintf("h%d:l", i)))
		}
	}
	return g
}

// tangle is a graph of n nodes with 2n links that a seeded generator chose.
func tangle(n int) (g sketch.Graph) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		g.Nodes = append(g.Nodes, sketch.Node{Name: fmt.Sprintf("n%d", i)})
	}
	for i := range 2 * n {
		g.Edges = append(g.Edges, edge(fmt.Sprintf("l%d", i),
			fmt.Sprintf("n%d:a%d 10.0.0.1/24", random.IntN(n), i), fmt.Sprintf("n%d:b%d 10.0.0.2/24", random.IntN(n), i), "50mbit"))
	}
	return g
}

// broad is a switch with n hosts.
func broad(n int) sketch.Graph {
	g := sketch.Graph{Nodes: []sketch.Node{{Name: "lan", Kind: sketch.Switch}}}
	for i := range n {
		g.Edges = append(g.Edges, edge(fmt.Sprintf("p%d", i), fmt.Sprintf("lan:p%d", i), fmt.Sprintf("h%d:eth0 10.0.0.1/8", i)))
		g.Nodes = append(g.Nodes, sketch.Node{Name: fmt.Sprintf("h%d", i)})
	}
	return g
}

// parallel is n links between the same two nodes, some of them with much to say.
func parallel(n int) sketch.Graph {
	g := sketch.Graph{Nodes: nodes("a", "b")}
	for i := range n {
		e := edge(fmt.Sprintf("l%d", i), fmt.Sprintf("a:eth%d 10.0.0.1/24", i), fmt.Sprintf("b:eth%d", i))
		for j := range i % 4 {
			e.B.Addresses = append(e.B.Addresses, fmt.Sprintf("2001:db8::%d:%d/64", i, j))
			e.Notes = append(e.Notes, strings.Repeat("note ", 5*j))
		}
		if i%2 == 1 {
			e.A, e.B = e.B, e.A
		}
		g.Edges = append(g.Edges, e)
	}
	return g
}

// TestLarge: large graphs are clear as SVG, and are complete lists as text.
func TestLarge(t *testing.T) {
	for name, g := range map[string]sketch.Graph{
		"fan": fan(60), "tangle": tangle(60), "ring": mesh(100), "broad": broad(200), "parallel": parallel(40),
		"apart": {Nodes: broad(500).Nodes},
	} {
		t.Run(name, func(t *testing.T) {
			check(t, g, g.SVG())
			drawn := g.Text(80, false)
			if got := strings.Count(drawn, "-->"); got != 2*len(g.Edges) {
				t.Errorf("%d ends for %d links", got, len(g.Edges))
			}
			for line := range strings.Lines(drawn) {
				if len(line) > 81 {
					t.Errorf("wider than 80 columns: %q", line)
				}
			}
		})
	}
}

func BenchmarkText(b *testing.B) { bench(b, func(g *sketch.Graph) { g.Text(80, true) }) }
func BenchmarkSVG(b *testing.B)  { bench(b, func(g *sketch.Graph) { g.SVG() }) }

func bench(b *testing.B, draw func(*sketch.Graph)) {
	for _, n := range []int{10, 100, 500} {
		for name, g := range map[string]sketch.Graph{"fan": fan(n), "tangle": tangle(n), "broad": broad(n), "mesh": mesh(n)} {
			b.Run(fmt.Sprintf("%s-%d", name, n), func(b *testing.B) {
				for b.Loop() {
					draw(&g)
				}
			})
		}
	}
}

// TestNothing: odd graphs are drawn too, never a panic.
func TestNothing(t *testing.T) {
	for name, test := range map[string]struct {
		graph sketch.Graph
		want  string
	}{
		"empty":      {sketch.Graph{}, ""},
		"only name":  {sketch.Graph{Name: "lab"}, "lab\n"},
		"no names":   {sketch.Graph{Edges: []sketch.Edge{{}}}, "(host)\n  -- -->\n  -- -->\n"},
		"undeclared": {sketch.Graph{Edges: []sketch.Edge{edge("l", "a", "b")}}, "+---+         +---+\n| a +--- l ---+ b |\n+---+         +---+\n"},
		"twice":      {sketch.Graph{Nodes: nodes("a", "a")}, "+---+\n| a |\n+---+\n"},
		"itself": {sketch.Graph{Edges: []sketch.Edge{edge("l", "a:x 10.0.0.1/24", "a:y 10.0.0.2/24")}},
			"a (host)\n  x 10.0.0.1/24 -- l --> a:y 10.0.0.2/24\n  y 10.0.0.2/24 -- l --> a:x 10.0.0.1/24\n"},
		"unknown kind": {sketch.Graph{Nodes: []sketch.Node{{Name: "a", Kind: -3}}}, "+-----------+\n|     a     |\n| (kind--3) |\n+-----------+\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.graph.Text(80, false); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			parseSVG(t, test.graph.SVG())
			test.graph.Text(-1, true)
			test.graph.Text(1, true)
		})
	}
}
