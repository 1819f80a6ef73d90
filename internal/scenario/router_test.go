package scenario_test

import "testing"

// TestRouters: a load balancer takes each connection to the next server, whose
// receiver takes it only if it is its own; a SYN proxy leaves plain TCP.
func TestRouters(t *testing.T) {
	for _, test := range []struct{ name, router, address, to, expect string }{
		{"balance", "balance: [{address: 10.0.9.9, to: [10.0.3.2, 10.0.4.2]}]", "10.0.9.9:80", "two",
			"connections == 2, hits == 2, intact first == yes, intact second == yes, mptcp first == yes, mptcp second == yes"},
		{"elsewhere", "balance: [{address: 10.0.9.9, to: [10.0.3.2, 10.0.4.2]}]", "10.0.9.9:80", "one",
			"connections == 1, hits == 2, intact first == yes, intact second == no, delivered second == 0"},
		{"synproxy", "synproxy: [80]", "10.0.3.2:80", "one",
			"connections == 0, fallbacks == 2, hits > 0, intact first == yes, intact second == yes, mptcp first == no, mptcp second == no"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			passes(t, play(t, parse(t, `
name: middle
hosts:
  - {name: client, routes: [{to: default, via: 10.0.1.254}]}
  - {name: one, routes: [{to: default, via: 10.0.3.1}]}
  - {name: two, routes: [{to: default, via: 10.0.4.1}]}
routers:
  - {name: middle, `+test.router+`}
links:
  - {name: a, ends: [{host: client, addresses: [10.0.1.1/24]}, {host: middle, interface: in, addresses: [10.0.1.254/24]}]}
  - {name: b, ends: [{host: middle, interface: out1, addresses: [10.0.3.1/24]}, {host: one, addresses: [10.0.3.2/24]}]}
  - {name: c, ends: [{host: middle, interface: out2, addresses: [10.0.4.1/24]}, {host: two, addresses: [10.0.4.2/24]}]}
scenario:
  steps:
    - {name: first, send: {from: client, to: one, address: "`+test.address+`", bytes: 100kB}}
    - {name: second, send: {from: client, to: `+test.to+`, address: "`+test.address+`", bytes: 100kB}}
  expect: [`+test.expect+`]
`)))
		})
	}
}
