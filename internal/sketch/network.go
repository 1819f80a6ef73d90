package sketch

// network is a graph with its names looked up and its text cleaned.
type network struct {
	name  string
	nodes []Node
	links []link
	at    [][]int // the links of each node, one from a node to itself twice
}

// link is an edge between nodes that are known by their numbers.
type link struct {
	Edge
	a, b int
}

func newNetwork(g *Graph) *network {
	n := &network{name: clean(g.Name)}
	numbers := map[string]int{}
	number := func(node Node) int {
		if known, ok := numbers[node.Name]; ok {
			return known
		}
		i := len(n.nodes)
		numbers[node.Name] = i
		node.Name = clean(node.Name)
		n.nodes = append(n.nodes, node)
		n.at = append(n.at, nil)
		return i
	}
	for _, node := range g.Nodes {
		number(node)
	}
	for i, e := range g.Edges {
		a, b := number(Node{Name: e.A.Node}), number(Node{Name: e.B.Node})
		n.links = append(n.links, link{cleanEdge(e), a, b})
		n.at[a] = append(n.at[a], i)
		n.at[b] = append(n.at[b], i)
	}
	return n
}

func cleanEdge(e Edge) Edge {
	e.Name, e.Notes = clean(e.Name), cleanAll(e.Notes)
	e.A, e.B = cleanPort(e.A), cleanPort(e.B)
	if e.Down {
		e.Notes = append(e.Notes, "down")
	}
	return e
}

func cleanPort(p Port) Port {
	return Port{clean(p.Node), clean(p.Interface), cleanAll(p.Addresses)}
}

// far is the node at the other end of a link.
func (l *link) far(node int) int {
	if l.a == node {
		return l.b
	}
	return l.a
}

// components are the nodes that are joined with each other, nearest first, and
// how many links each is away from the first of its component.
func (n *network) components() (parts [][]int, distance []int) {
	distance = make([]int, len(n.nodes))
	seen := make([]bool, len(n.nodes))
	for first := range n.nodes {
		if seen[first] {
			continue
		}
		seen[first] = true
		part := []int{first}
		for i := 0; i < len(part); i++ {
			for _, l := range n.at[part[i]] {
				if far := n.links[l].far(part[i]); !seen[far] {
					seen[far], distance[far] = true, distance[part[i]]+1
					part = append(part, far)
				}
			}
		}
		parts = append(parts, part)
	}
	return parts, distance
}
