package config_test

import (
	"strings"
	"testing"

	"allroads/internal/config"
)

const (
	face = "interfaces:\n  - "
	conn = "connections:\n  - strategy: fullmesh\n    match: "
)

// wrong are texts, and what Parse says of each, behind the name of the file.
var wrong = []struct{ text, want string }{
	{"mode: kernl", `1:7: mode "kernl": auto, kernel or userspace: did you mean "kernel"?`},
	{"mod: auto", `1:1: unknown key "mod": did you mean "mode"?`},
	{"on_stop: removed", `1:10: on_stop "removed": remove or keep: did you mean "remove"?`},
	{"routing: yes", "1:10: neither true nor false"},
	{"auto", "1:1: not a mapping"},
	{"- mode: auto", "1:1: not a mapping"},
	{"~", "1:1: not a mapping: a configuration has keys with their values"},
	{"mode: auto\nmode: auto", `2:1: mapping key "mode" already defined`},
	{"mode: auto\n---\nmode: auto", "3:5: a second document: a file holds one configuration"},
	{"<<: {mode: auto}", "1:1: << among the keys of the configuration itself"},
	{"mode: !!str auto", "1:7: tag !!str: a configuration has none"},
	{"namespaces: host", "1:13: not a list"},
	{"namespaces: []", "1:13: namespaces: none"},
	{"namespaces: [host, host]", "1:20: namespace host: twice"},
	{"namespaces: [Host]", `1:14: namespace "Host": did you mean "host"?`},
	{"namespaces: [all_with_mptcp]", `1:14: namespace "all_with_mptcp": did you mean "all-with-mptcp"?`},
	{"namespaces: [../x]", `1:14: namespace "../x": host, all-with-mptcp, a name of`},
	{"check_every: 5", "1:14: time: missing unit in duration"},
	{"check_every: -5s", "1:14: check_every -5s: 100ms to 24h0m0s, or 0 for never"},
	{"check_every: 1ms", "1:14: check_every 1ms: 100ms to"},
	{"check_every: 48h", "1:14: check_every 48h0m0s: 100ms to"},
	{"limits: {subflows: 65}", "1:20: subflows 65: 0 to 64 only"},
	{"limits: {subflows: -1}", `1:20: "-1" is not a whole number from 0 to 4294967295`},
	{"limits: {add_addr_accepted: 1.5}", `1:29: "1.5" is not a whole number`},
	{"strategy: handovr", `1:11: strategy "handovr": fullmesh, single-per-interface, ndiffports, backup, handover, interactive, aggregate or none: did you mean "handover"?`},
	{"strategy: [handover]", "1:11: not a mapping"},
	{"strategy: {strategy: handover}", `1:12: unknown key "strategy"`},
	{"strategy: ndiffports", "1:11: strategy ndiffports: no n"},
	{"strategy: {kind: ndiffports, n: 0}", "1:33: strategy ndiffports: no n"},
	{"strategy: {kind: ndiffports, n: -1}", `1:33: "-1" is not a whole number`},
	{"strategy: {kind: ndiffports, n: 66}", "1:33: n 66: 1 to 65 only"},
	{"strategy: {kind: ndiffports, n: 4, subflows: 2}", "1:33: n 4: with the initial one, and subflows allows 2 beside it"},
	{"strategy: {kind: backup, n: 2}", "1:29: n: only strategy ndiffports has it"},
	{"strategy: {kind: handover, join: at-once}", "1:34: join: only strategy backup has it"},
	{"strategy: {kind: backup, join: later}", `1:32: join "later": at-once or when-needed`},
	{"strategy: {kind: none, subflows: 2}", "1:18: strategy none: and other settings"},
	{"strategy: {subflows: 65}", "1:22: subflows 65: 0 to 64 only"},
	{"strategy: {bad: {loss: 5}}", "1:24: loss 5: a part of the whole, 0 to 1: did you mean 0.05?"},
	{"strategy: {bad: {loss: -0.1}}", "1:24: loss -0.1: a part of the whole, 0 to 1"},
	{"strategy: {bad: {loss: .nan}}", "1:24: loss NaN: a part of the whole, 0 to 1"},
	{"strategy: {bad: {loss: 5%}}", "1:24: not a number, as 0.05"},
	{"strategy: {bad: {stall: 1ms}}", "1:25: stall 1ms: 10ms to 1m0s, or 0 for 500ms"},
	{"strategy: {bad: {stall: -1s}}", "1:25: stall -1s: 10ms to 1m0s"},
	{"strategy: {bad: {rtt: 2h}}", "1:23: rtt 2h0m0s: 1ms to 1m0s, or 0 for no bound"},
	{"strategy: {recovered: 24h}", "1:23: recovered 24h0m0s: 1ms to 1h0m0s, or 0 for 5s"},
	{face + "eth0", "2:5: not a mapping"},
	{face + "{match: {names: eth0}}", "2:21: not a list"},
	{face + "{match: {names: []}}", "2:21: names: an empty list would match everything"},
	{face + `{match: {names: [""]}}`, "2:22: name: none"},
	{face + "{match: {names: ['eth[0']}}", `2:22: name "eth[0": not a pattern`},
	{face + `{match: {names: ['eth\']}}`, `2:22: name "eth\\": not a pattern`},
	{face + "{match: {names: [a/b]}}", `2:22: name "a/b": no interface is called so`},
	{face + "{match: {names: [eth0, eth0]}}", "2:28: eth0: twice"},
	{face + "{match: {names: [abcdefghijklmnop]}}", `2:22: name "abcdefghijklmnop": never matches: names of interfaces have 15`},
	{face + "{match: {names: ['abcdefghijklmn[a-z]?*']}}", `2:22: name "abcdefghijklmn[a-z]?*": never matches`},
	{face + "{match: {types: [ethernt]}}", `2:22: type "ethernt": ethernet, wifi, wwan, ppp, tun, wireguard, container, loopback or other: did you mean "ethernet"?`},
	{face + `{match: {types: [""]}}`, "2:22: type: ethernet"},
	{face + "{match: {family: ipv5}}", `2:22: family "ipv5": ipv4 or ipv6: did you mean "ipv4"?`},
	{face + "{match: {prefixes: [10.0.0.1]}}", `2:25: netip.ParsePrefix("10.0.0.1"): no '/'`},
	{face + "{match: {prefixes: [10.0.0.1/8]}}", "2:25: prefix 10.0.0.1/8: bits behind the prefix: did you mean 10.0.0.0/8 or 10.0.0.1/32?"},
	{face + "{match: {prefixes: ['::ffff:10.0.0.0/104']}}", "2:25: prefix ::ffff:10.0.0.0/104: write it as IPv4"},
	{face + "{match: {prefixes: ['fd00::/8'], family: ipv4}}", "2:25: prefix fd00::/8: never matches with family ipv4"},
	{face + "{match: {prefixes: ['fe80::/10']}}", "2:24: link-local prefixes only"},
	{face + "{match: {prefixes: [169.254.0.0/16, 'fe80::/64']}}", "2:24: link-local prefixes only"},
	{face + "{role: sginal}", `2:12: role "sginal": use, backup, signal, laminar or never: did you mean "signal"?`},
	{face + "{cost: 65536}", "2:12: cost 65536: 0 to 65535 only"},
	{face + "{cap: 65}", "2:11: cap 65: 0 to 64 only"},
	{face + "{needs: route}", `2:13: needs "route": default-route or address`},
	{face + "{strategy: ndiffports}", "2:16: strategy ndiffports: no n"},
	{face + "{announce: {port: 80}}", "2:17: announce: without role: signal nothing is announced"},
	{face + "{role: signal, announce: {}}", "2:30: announce: neither address nor port"},
	{face + "{role: signal, announce: {listen: 80}}", "2:39: listen 80: without a port"},
	{face + "{role: signal, announce: {port: 65536}}", `2:37: "65536" is not a whole number from 0 to 65535`},
	{face + "{role: signal, announce: {address: 127.0.0.1}}", "2:40: address 127.0.0.1: not one that a peer can reach"},
	{face + "{role: signal, announce: {address: 'fe80::1%eth0'}}", "2:40: address fe80::1%eth0: not one"},
	{face + "{role: signal, announce: {address: 192.0.2.1}, match: {family: ipv6}}", "2:40: address: ipv4, and the rule matches the other family only"},
	{face + "{role: signal, fullmesh: true}", "2:30: fullmesh: with role: signal"},
	{face + "{role: never, cost: 5}", "2:12: role never: and other settings"},
	{face + "{match: {metered: true}, metered: false}", "2:39: metered false: the rule matches only where it is known to be true"},
	{face + "{name: 'built-in: VPN'}", `2:12: name "built-in: VPN": what allroads calls rules without a name`},
	{face + "{name: ' a'}", `2:12: name " a": printable`},
	{face + "{}\n  - {match: {names: [a]}}", "3:6: rule interfaces[1] is never asked: interfaces[0] before it matches all that it would (t.yaml:2)"},
	{face + "{name: all, match: {names: ['*']}}\n  - {}", "3:5: rule interfaces[1] is never asked: all before it"},
	{face + "{match: {names: ['wl*'], types: [wifi]}}\n  - {match: {types: [wifi], names: [wlan0]}}", "3:6: rule interfaces[1] is never asked"},
	{face + "{match: {prefixes: [10.0.0.0/8]}}\n  - {match: {prefixes: [10.1.0.0/16]}}", "3:6: rule interfaces[1] is never asked"},
	{face + "{match: {family: ipv4}}\n  - {match: {prefixes: [10.1.0.0/16]}}", "3:6: rule interfaces[1] is never asked"},
	{face + "{name: a, match: {names: [x]}}\n  - {name: a}", `3:12: name "a": another rule has it (t.yaml:2)`},
	{"connections:\n  - match: {ports: [80]}", "2:5: no strategy: the rule would decide nothing"},
	{conn + "{ports: 80}", "3:20: not a list"},
	{conn + "{ports: [0]}", `3:21: "0" is not a port`},
	{conn + "{ports: [010]}", `3:21: "010" is not a port`},
	{conn + "{ports: [90-80]}", "3:21: range 90-80 ends before it begins: did you mean 80-90?"},
	{conn + "{ports: [1-70000]}", `3:21: "1-70000" is not a port from 1 to 65535`},
	{conn + "{uids: [4294967295]}", "3:20: uid 4294967295"},
	{conn + "{uids: [root]}", `3:20: "root" is not a whole number`},
	{conn + "{cgroups: [nginx.service]}", `3:23: cgroup "nginx.service": not a path from the root: did you mean "/*/nginx.service"?`},
	{conn + "{cgroups: [/a/]}", `3:23: cgroup "/a/": never matches: did you mean "/a"?`},
	{conn + "{side: sever}", `3:19: side "sever": client or server: did you mean "server"?`},
	{conn + "{peers: [10.0.0.1/8]}", "3:21: prefix 10.0.0.1/8: bits behind"},
	{"connections:\n  - strategy: none\n  - {strategy: none, match: {ports: [80]}}", "3:6: rule connections[1] is never asked: connections[0]"},
	{conn + "{ports: [1-100]}\n  - {strategy: none, match: {ports: [80, 90-100], side: client}}", "4:6: rule connections[1] is never asked"},
	{conn + "{cgroups: [/a]}\n  - {strategy: none, match: {cgroups: [/a/b]}}", "4:6: rule connections[1] is never asked"},
}

func TestConfigWrong(t *testing.T) {
	for _, test := range wrong {
		_, err := config.Parse("t.yaml", []byte(test.text))
		if err == nil {
			t.Errorf("%q: taken", test.text)
			continue
		}
		_, got, _ := strings.Cut(err.Error(), "configuration t.yaml:")
		if !strings.HasPrefix(got, test.want) {
			t.Errorf("%q:\n%s\nwant %s", test.text, got, test.want)
		}
		if strings.Count(err.Error(), "\n> ") != 1 {
			t.Errorf("%q: not the one line that is wrong:\n%v", test.text, err)
		}
	}
}

// All that is wrong is said.
func TestConfigWrongJoined(t *testing.T) {
	_, err := config.Parse("t.yaml", []byte("mode: a\non_stop: b\nstrategy: c\n"))
	for _, want := range []string{"t.yaml:1:7: mode", "t.yaml:2:10: on_stop", "t.yaml:3:11: strategy"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

// What only looks wrong is taken.
func TestConfigNotWrong(t *testing.T) {
	for _, text := range []string{
		face + "{match: {names: ['abcdefghijklmno*', '[!]abcdefghijklmn', 'a\\*']}}",
		face + "{match: {prefixes: ['fe80::/10', 'fd00::/8']}}",
		face + "{match: {prefixes: ['fe80::/9', 169.254.0.0/16]}, link_local: true}",
		face + "{match: {names: ['wl*']}}\n  - {match: {names: ['w*']}}\n  - {}",
		face + "{match: {metered: true}}\n  - {match: {metered: false}}\n  - {match: {types: [wifi]}}",
		face + "{match: {types: [wifi], family: ipv4}}\n  - {match: {types: [wifi]}}",
		face + "{match: {prefixes: [10.1.0.0/16]}}\n  - {match: {prefixes: [10.0.0.0/8]}}",
		face + "{match: {family: ipv4}}\n  - {match: {prefixes: [10.0.0.0/8, 'fd00::/8']}}",
		conn + "{ports: [80]}\n  - {strategy: none, match: {ports: [80-81]}}\n  - {strategy: none, match: {local_ports: [80]}}",
		conn + "{cgroups: ['/a/*']}\n  - {strategy: none, match: {cgroups: [/a]}}\n  - {strategy: none, match: {side: server}}",
	} {
		parsed(t, text)
	}
}
