package config_test

import (
	"testing"

	"allroads/internal/config"

	"github.com/google/go-cmp/cmp"
)

func TestConfigDifference(t *testing.T) {
	const lte, wifi, rest = "  - {name: lte, match: {names: [wwan0]}, role: backup}\n", "  - {name: wifi, match: {types: [wifi]}}\n", "  - {cost: 7}\n"
	for name, test := range map[string]struct {
		was, is string
		want    []string
	}{
		"nothing":      {"", "strategy: {subflows: 8}", nil},
		"strategy":     {"", "strategy: handover", []string{"strategy: fullmesh -> handover"}},
		"more of it":   {"strategy: handover", "strategy: {kind: handover, bad: {rtt: 80ms}}", []string{"strategy: handover -> {kind: handover, bad: {rtt: 80ms}}"}},
		"ndiffports":   {"strategy: {kind: ndiffports, n: 2}", "strategy: {kind: ndiffports, n: 12}", []string{"strategy: {kind: ndiffports, n: 2} -> {kind: ndiffports, n: 12}"}},
		"single ones":  {"mode: kernel\ncheck_every: 0", "routing: true", []string{"mode: kernel -> auto", "routing: false -> true", "check_every: 0s -> 1m0s"}},
		"limits":       {"", "limits: {subflows: 0}", []string{"limits: {} -> {subflows: 0}"}},
		"added":        {"interfaces:\n" + wifi, "interfaces:\n" + lte + wifi, []string{`interfaces: rule "lte" added`}},
		"removed":      {"interfaces:\n" + lte + wifi, "interfaces:\n" + wifi, []string{`interfaces: rule "lte" removed`}},
		"another":      {"interfaces:\n" + lte + wifi, "interfaces:\n" + wifi + lte, []string{"interfaces: rules in another order"}},
		"unnamed":      {"interfaces:\n" + lte + rest, "interfaces:\n" + wifi + lte, []string{"interfaces: rule interfaces[1] removed", `interfaces: rule "wifi" added`}},
		"unnamed kept": {"interfaces:\n" + rest, "interfaces:\n" + lte + rest, []string{`interfaces: rule "lte" added`}},
		"within": {"interfaces:\n" + lte, "interfaces:\n  - {name: lte, match: {names: [wwan0, wwan1]}, cost: 5, metered: false}\n", []string{
			`interfaces: rule "lte": match: {names: [wwan0]} -> {names: [wwan0, wwan1]}`, `interfaces: rule "lte": role: backup -> not set`,
			`interfaces: rule "lte": cost: 0 -> 5`, `interfaces: rule "lte": metered: not set -> false`}},
		"announce": {face + "{name: a, role: signal}", face + "{name: a, role: signal, announce: {address: 192.0.2.1, port: 80}}", []string{
			`interfaces: rule "a": announce: not set -> {address: 192.0.2.1, port: 80}`}},
		"port only": {face + "{name: a, role: signal}", face + "{name: a, role: signal, announce: {port: 80}}", []string{
			`interfaces: rule "a": announce: not set -> {port: 80}`}},
		"connections": {"", "connections:\n  - {name: ssh, match: {ports: [22, 2200-2299]}, strategy: interactive}", []string{`connections: rule "ssh" added`}},
		"their strategy": {"connections:\n  - {name: ssh, strategy: interactive}", "connections:\n  - {name: ssh, match: {ports: [22, 2200-2299]}, strategy: {kind: backup, join: when-needed}}", []string{
			`connections: rule "ssh": match: {} -> {ports: [22, 2200-2299]}`, `connections: rule "ssh": strategy: interactive -> {kind: backup, join: when-needed}`}},
	} {
		if diff := cmp.Diff(test.want, config.Difference(parsed(t, test.was), parsed(t, test.is))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
