package lifetest_test

import (
	"encoding/json"
	"fmt"
	"strings"
)

// protocol marks what allroadsd adds to routing, as ip(8) shows it.
const protocol = "77"

// rule is what `ip -json rule` prints of one.
type rule struct {
	Priority int    `json:"priority"`
	Src      string `json:"src"`
	Table    string `json:"table"`
	Protocol string `json:"protocol"`
}

// ownRules are allroadsd's rules, of both families.
func (n *network) ownRules() (own []rule) {
	n.t.Helper()
	for _, family := range []string{"-4", "-6"} {
		var rules []rule
		if err := json.Unmarshal([]byte(n.ip("-json "+family+" rule show")), &rules); err != nil {
			n.t.Fatal(err)
		}
		for _, r := range rules {
			if r.Protocol == protocol {
				own = append(own, r)
			}
		}
	}
	return own
}

// rules checks from which addresses allroadsd's rules are, and that each leads to a table
// with a default route, whatever else there may be.
func (n *network) rules(want ...string) func() error {
	return func() error {
		var got []string
		for _, r := range n.ownRules() {
			got = append(got, r.Src)
		}
		if err := same("rules from", got, want); err != nil {
			return err
		}
		return n.tables(len(want))
	}
}

// tables checks that allroadsd has default routes in as many tables.
func (n *network) tables(want int) error {
	tables := map[string]bool{}
	routes := n.ownRoutes()
	for line := range strings.Lines(routes) {
		if words := strings.Fields(line); words[0] == "default" {
			_, after, _ := strings.Cut(line, " table ")
			tables[strings.Fields(after + " main")[0]] = true
		}
	}
	if len(tables) != want {
		return fmt.Errorf("default routes of protocol %s in %d tables, want %d:\n%s", protocol, len(tables), want, routes)
	}
	return nil
}

// ownRoutes are allroadsd's routes, of both families.
func (n *network) ownRoutes() string {
	n.t.Helper()
	return n.ip("-4 route show table all proto "+protocol) + n.ip("-6 route show table all proto "+protocol)
}
