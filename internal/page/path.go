package page

import (
	"fmt"

	"allroads/trace"
)

const (
	hues   = 8 // colours of graph.css, one after the other
	dashes = 5 // line styles of graph.css: 5 and 8 have no divisor in common
)

// styles gives each subflow the classes of its path's colour and of a line style.
// Subflows over the same pair of addresses have the same colour.
func styles(c *trace.Connection) []string {
	type pair struct{ client, server string }
	known := map[pair]int{}
	out := make([]string, len(c.Subflows))
	for i := range c.Subflows {
		flow := &c.Subflows[i]
		p := pair{flow.Client.Addr().String(), flow.Server.Addr().String()}
		hue, ok := known[p]
		if !ok {
			hue = len(known)
			known[p] = hue
		}
		out[i] = fmt.Sprintf("k%d d%d", hue%hues, i%dashes)
	}
	return out
}

// nameOf is how a graph's legend has a subflow.
func nameOf(flow *trace.Subflow) string {
	name := fmt.Sprintf("%d", flow.ID)
	if flow.Path != "" {
		name += " " + cut(flow.Path, 24) // Windows has long ones
	}
	return name
}

// ends is its pair of addresses.
func ends(flow *trace.Subflow) string {
	return flow.Client.Addr().String() + " → " + flow.Server.Addr().String()
}
