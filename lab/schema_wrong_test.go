package lab_test

import (
	"testing"
)

// Who refuses a wrong value.
const (
	both      = ""
	onlyParse = "only Parse"
)

func TestSchemaWrongValues(t *testing.T) {
	schema, document := compiled(t, ""), object(t, []byte(everything))
	there := spots(document)
	for _, test := range []struct{ path, value, who string }{
		{"/name", "a b", both},
		{"/hosts", "[]", both},
		{"/engine", "kernel", both},
		{"/seed", "-1", both},
		{"/hosts/0/name", "a/b", both},
		{"/hosts/0/name", "nobody", onlyParse},
		{"/hosts/0/sysctls", "{kernel.panic: 1}", both},
		{"/hosts/0/sysctls/net.mptcp.enabled", "$(id)", both},
		{"/hosts/0/sysctls/net.mptcp.enabled", "-1.5", both},
		{"/hosts/0/mptcp/limits/subflows", "two", both},
		{"/hosts/0/mptcp/limits/subflows", "1.5", both},
		{"/hosts/0/mptcp/endpoints/0/address", "10.1.0.2/24", both},
		{"/hosts/0/mptcp/endpoints/0/address", "fe80::1%red", both},
		{"/hosts/0/mptcp/endpoints/0/id", "256", both},
		{"/hosts/0/mptcp/endpoints/0/port", "65536", both},
		{"/hosts/0/mptcp/endpoints/0/flags/0", "sublow", both},
		{"/hosts/0/mptcp/endpoints/0/flags", "signal", both},
		{"/hosts/0/routes/0/to", "10.5.0.1/16", onlyParse},
		{"/hosts/0/routes/0/via", "10.1.0", both},
		{"/hosts/0/routes/1/to", "default", both},
		{"/hosts/0/rules/0/table", "0", both},
		{"/hosts/0/processes/0/command", "sleep 60", both},
		{"/hosts/0/processes/0/command", "[]", both},
		{"/hosts/0/processes/0/command/0", `""`, both},
		{"/hosts/0/processes/0/env", "{A-B: 1}", both},
		{"/hosts/0/processes/0/ready", "{within: 2s}", both},
		{"/routers/0/synproxy/0", "0", both},
		{"/routers/0/middlebox/0/do", "rewrite", both},
		{"/routers/0/middlebox/0", "{do: drop, after: 1kB}", both},
		{"/routers/1/balance/0/to", "[]", both},
		{"/links/0/rate", `"5"`, both},
		{"/links/0/rate", "5", both},
		{"/links/0/rate", "5bit", onlyParse},
		{"/links/0/delay", `"5"`, both},
		{"/links/0/delay", "5", both},
		{"/links/0/delay", "-5ms", both},
		{"/links/0/delay", "2h", onlyParse},
		{"/links/0/jitter", "30ms", onlyParse},
		{"/links/0/loss", "2", both},
		{"/links/0/loss", "101%", both},
		{"/links/0/burst", "0.5", both},
		{"/links/0/mtu", "100", both},
		{"/links/0/mtu", "1000", onlyParse}, // its IPv6 address
		{"/links/0/ends", "[{host: client}]", both},
		{"/links/0/ends/0/addresses/0", "10.1.0.2", both},
		{"/links/0/ends/0/addresses/0", "10.1.0.2/33", both},
		{"/links/0/ends/0/interface", "lo", both},
		{"/links/0/middlebox/0/do", "reset", both},
		{"/links/0/middlebox/0/options/0", "mp_jion", both},
		{"/links/0/middlebox/0/packets", "ack", both},
		{"/links/0/middlebox/0/after", "64k", both},
		{"/links/0/middlebox/1", "{do: rewrite, find: a}", both},
		{"/links/0/middlebox/1/replace", "four", onlyParse},
		{"/scenario/timeout", "30", both},
		{"/scenario/steps/0/send/bytes", "1.5", both},
		{"/scenario/steps/0/send/bytes", "0.0001kB", onlyParse},
		{"/scenario/steps/0/send/address", "10.2.0.2", both},
		{"/scenario/steps/0/send/address", "10.2.0.2:0", both},
		{"/scenario/steps/2/exit", "256", both},
		{"/scenario/steps/2", "{run: [a], do: up}", both},
		{"/scenario/steps/3/do", "sideways", both},
		{"/scenario/steps/4/set", "{mtu: 1400}", both},
		{"/scenario/expect/0", "foo == 1", both},
		{"/scenario/expect/0", "subflows = 2", both},
		{"/scenario/expect/0", "proven < yes", both},
		{"/scenario/expect/0", "hits blue == 2", onlyParse},
	} {
		s, ok := there[test.path]
		if !ok {
			t.Errorf("no place %s", test.path)
			continue
		}
		s.put(object(t, []byte(test.value)))
		parse, valid := askBoth(t, schema, "t.yaml", document)
		if s.put(s.value); parse == nil || (valid == nil) != (test.who == onlyParse) {
			t.Errorf("%s: %s: %s; Parse: %v; schema: %v", test.path, test.value, test.who, parse, valid)
		}
	}
}
