package sketch_test

import (
	"fmt"
	"strings"

	"allroads/internal/sketch"
)

// edge makes an edge from "client:eth0 10.0.0.1/24 ...".
func edge(name, a, b string, notes ...string) sketch.Edge {
	return sketch.Edge{Name: name, A: end(a), B: end(b), Notes: notes}
}

func end(s string) sketch.Port {
	words := strings.Fields(s)
	node, iface, _ := strings.Cut(words[0], ":")
	return sketch.Port{Node: node, Interface: iface, Addresses: words[1:]}
}

func nodes(names ...string) (list []sketch.Node) {
	for _, name := range names {
		list = append(list, sketch.Node{Name: name})
	}
	return list
}

func down(e sketch.Edge) sketch.Edge {
	e.Down = true
	return e
}

// topologies are the networks of the golden files.
var topologies = map[string]sketch.Graph{
	"one-node":  {Name: "one node", Nodes: nodes("lonely")},
	"two-paths": {Name: "two-paths", Nodes: nodes("client", "server"), Edges: twoPaths},
	"three-paths": {Nodes: nodes("client", "server"), Edges: append(twoPaths[:2:2],
		down(edge("green", "client:green-client 172.16.0.2/24", "server:green-server 172.16.0.1/24", "delay 5ms")))},
	"routers":      routers,
	"chain":        chain,
	"switch":       star,
	"triangle":     triangle,
	"mesh":         mesh(12),
	"long-names":   longNames,
	"strange":      strange,
	"components":   components,
	"tied-routers": tiedRouters,
	"grid":         grid,
	"wheel":        wheel,
}

var twoPaths = []sketch.Edge{
	edge("red", "client:red-client 10.0.0.2/24", "server:red-server 10.0.0.1/24", "50mbit", "delay 20ms"),
	edge("blue", "client:blue-client 192.168.0.2/24", "server:blue-server 192.168.0.1/24"),
}

var routers = sketch.Graph{
	Name: "routers",
	Nodes: []sketch.Node{{Name: "client"}, {Name: "router1", Kind: sketch.Router},
		{Name: "router2", Kind: sketch.Router}, {Name: "server"}},
	Edges: []sketch.Edge{
		edge("uplink1", "client:up1 10.1.0.2/24", "router1:client 10.1.0.1/24", "50mbit"),
		edge("uplink2", "client:up2 10.2.0.2/24", "router2:client 10.2.0.1/24", "20mbit", "delay 40ms"),
		edge("backbone1", "router1:server 10.3.0.1/24", "server:net1 10.3.0.2/24"),
		edge("backbone2", "router2:server 10.4.0.1/24", "server:net2 10.4.0.2/24"),
	},
}

var tiedRouters = sketch.Graph{
	Nodes: routers.Nodes,
	Edges: append(routers.Edges[:4:4], edge("tie", "router1:tie 10.5.0.1/24", "router2:tie 10.5.0.2/24")),
}

var chain = sketch.Graph{
	Nodes: []sketch.Node{{Name: "client"}, {Name: "nat", Kind: sketch.Middlebox},
		{Name: "router", Kind: sketch.Router}, {Name: "server"}},
	Edges: []sketch.Edge{
		edge("access", "client:eth0 10.1.0.2/24", "nat:in 10.1.0.1/24"),
		edge("uplink", "nat:out 192.0.2.2/24", "router:down 192.0.2.1/24", "loss 1%"),
		edge("core", "router:up 198.51.100.1/24", "server:eth0 198.51.100.2/24"),
	},
}

var star = sketch.Graph{
	Nodes: []sketch.Node{{Name: "h1"}, {Name: "lan", Kind: sketch.Switch}, {Name: "h2"}, {Name: "h3"}, {Name: "h4"}, {Name: "h5"}},
	Edges: func() (list []sketch.Edge) {
		for i := 1; i <= 5; i++ {
			list = append(list, edge(fmt.Sprintf("port%d", i), fmt.Sprintf("h%d:eth0 10.0.0.%d/24", i, i), fmt.Sprintf("lan:p%d", i)))
		}
		return list
	}(),
}

var triangle = sketch.Graph{
	Nodes: nodes("a", "b", "c"),
	Edges: []sketch.Edge{
		edge("ab", "a:b 10.0.1.1/24", "b:a 10.0.1.2/24"),
		edge("bc", "b:c 10.0.2.1/24", "c:b 10.0.2.2/24"),
		edge("ca", "c:a 10.0.3.1/24", "a:c 10.0.3.2/24", "1gbit"),
	},
}

// plain has links between the pairs of nodes.
func plain(pairs ...[2]int) (g sketch.Graph) {
	for i, p := range pairs {
		g.Edges = append(g.Edges, edge(fmt.Sprintf("l%d", i), fmt.Sprintf("n%d:a%d 10.0.%d.1/24", p[0], i, i), fmt.Sprintf("n%d:b%d 10.0.%d.2/24", p[1], i, i)))
		for len(g.Nodes) <= max(p[0], p[1]) {
			g.Nodes = append(g.Nodes, sketch.Node{Name: fmt.Sprintf("n%d", len(g.Nodes))})
		}
	}
	return g
}

var grid = plain([2]int{0, 1}, [2]int{1, 2}, [2]int{3, 4}, [2]int{4, 5}, [2]int{0, 3}, [2]int{1, 4}, [2]int{2, 5})

var wheel = plain([2]int{0, 1}, [2]int{0, 2}, [2]int{0, 3}, [2]int{0, 4}, [2]int{0, 5},
	[2]int{1, 2}, [2]int{2, 3}, [2]int{3, 4}, [2]int{4, 5}, [2]int{5, 1})

// mesh is a ring of n routers with chords.
func mesh(n int) (g sketch.Graph) {
	for i := range n {
		g.Nodes = append(g.Nodes, sketch.Node{Name: fmt.Sprintf("r%d", i), Kind: sketch.Router})
	}
	link := func(i, j int) {
		i, j = i%n, j%n
		g.Edges = append(g.Edges, edge(fmt.Sprintf("l%d-%d", i, j),
			fmt.Sprintf("r%d:to%d 10.%d.%d.1/30", i, j, i, j), fmt.Sprintf("r%d:to%d 10.%d.%d.2/30", j, i, i, j)))
	}
	for i := range n {
		link(i, i+1)
		if i%2 == 0 {
			link(i, i+5)
		}
	}
	return g
}

var longNames = sketch.Graph{
	Nodes: nodes("a-client-with-a-rather-long-name-as-they-have-in-some-datacentre", "server"),
	Edges: []sketch.Edge{
		edge("the-first-of-two-paths", "a-client-with-a-rather-long-name-as-they-have-in-some-datacentre:enp193s0f0np0 2001:db8:1234:5678:9abc:def0:1234:5678/64 10.0.0.2/24",
			"server:enp193s0f1np1 2001:db8:1234:5678:9abc:def0:1234:5679/64 10.0.0.1/24", "100gbit", "delay 20ms", "jitter 3ms", "loss 0.1%"),
		edge("second", "a-client-with-a-rather-long-name-as-they-have-in-some-datacentre:enp193s0f1np1 fd00:1234:5678:9abc:def0:1234:5678:2/64",
			"server:enp193s0f0np0 fd00:1234:5678:9abc:def0:1234:5678:1/64"),
	},
}

var strange = sketch.Graph{
	Name:  "a <strange> \"graph\" & more\x1b[31m",
	Nodes: []sketch.Node{{Name: "客户端"}, {Name: "se<r>&ver", Kind: 7}, {Name: "e\u0301tage"}},
	Edges: []sketch.Edge{
		edge("链路", "客户端:eth0 10.0.0.1/24", "se<r>&ver:\"eth0\" 10.0.0.2/24", "délai 20 ms", "<b>", "]]>", "🚀"),
		edge("", "se<r>&ver", "e\u0301tage"),
	},
}

var components = sketch.Graph{
	Nodes: nodes("a", "b", "c", "d", "alone", "too"),
	Edges: []sketch.Edge{
		edge("ab", "a:eth0 10.0.0.1/24", "b:eth0 10.0.0.2/24"),
		edge("cd", "c:eth0 10.0.1.1/24", "d:eth0 10.0.1.2/24"),
	},
}
