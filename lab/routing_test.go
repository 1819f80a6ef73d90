package lab_test

import (
	"strings"
	"testing"

	"allroads/lab"
)

func routers(t testing.TB) *lab.Topology {
	t.Helper()
	topology, err := lab.Load("../examples/routers.yaml")
	must(t, err)
	return topology
}

// TestRoutingMistakes reads routes and rules that cannot be.
func TestRoutingMistakes(t *testing.T) {
	const file = `
name: x
hosts:
  - name: a
    routes: [%s]
    rules: [%s]
links:
  - {name: l, ends: [{host: a, interface: x}, {host: a, interface: y}]}
`
	for _, test := range []struct{ route, rule, want string }{
		{`{to: default, dev: x}`, ``, "no router (via)"},
		{`{to: 10.0.0.0/8}`, ``, "neither a router (via) nor an interface (dev)"},
		{`{to: 10.0.0.0/8, dev: z}`, ``, `no interface "z"`},
		{`{to: 10.0.0.0/8, via: "fd00::1"}`, ``, "one is IPv4, the other IPv6"},
		{`{to: "fe80::/64", via: "fe80::1%x"}`, ``, "an address with a zone"},
		{`{to: 10.0.0.1/8, dev: x}`, ``, "has bits behind its prefix: 10.0.0.0/8 is meant, or 10.0.0.1"},
		{`{to: somewhere, dev: x}`, ``, `"somewhere" is neither an address, a prefix, nor default`},
		{`{to: 10.0.0.0/8, dev: x, table: -1}`, ``, "is not a whole number from 0 to 4294967295"},
		{``, `{table: 5}`, "neither from nor to"},
		{``, `{from: 10.0.0.1}`, "no table"},
		{``, `{from: 10.0.0.1, to: "fd00::1", table: 5}`, "one is IPv4, the other IPv6"},
	} {
		text := strings.Replace(strings.Replace(file, "%s", test.route, 1), "%s", test.rule, 1)
		if _, err := lab.Parse("x.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("route %s, rule %s: %v, want %q", test.route, test.rule, err, test.want)
		}
	}
}
