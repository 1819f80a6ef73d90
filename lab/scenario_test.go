package lab_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"allroads/lab"

	"github.com/google/go-cmp/cmp"
)

const twoHosts = `
name: t
hosts: [{name: a}, {name: b}]
links:
  - {name: red, ends: [{host: a}, {host: b}]}
  - {name: blue, middlebox: [{do: drop, packets: syn}], ends: [{host: a}, {host: b}]}
`

func TestParseScenario(t *testing.T) {
	topology, err := lab.Parse("t.yaml", []byte(twoHosts+`
scenario:
  timeout: 20s
  capture: b
  steps:
    - {name: up, send: {from: a, to: b, address: 10.0.0.1:80, for: 5s, rate: 8mbit, text: 010}}
    - {at: 0, link: red, do: down}
    - {at: 2.5s, link: red, set: {loss: 2%, burst: 10}}
    - {in: b, run: [sleep, 0.50], exit: 1}
    - {at: 1s, expect: [subflows == 2, bytes red > 1MB, gap up < 2s]}
  expect: [exit == 1, hits blue >= 1]
`))
	must(t, err)
	one, start, middle, second := 1, time.Duration(0), 2500*time.Millisecond, time.Second
	expect := func(text string) lab.Expectation {
		e, err := lab.ParseExpectation(text)
		must(t, err)
		return e
	}
	want := &lab.Scenario{
		Timeout: 20 * time.Second, Capture: "b",
		Steps: []lab.ScenarioStep{
			{Name: "up", Send: &lab.SendConfig{From: "a", To: "b", Address: netip.MustParseAddrPort("10.0.0.1:80"),
				For: 5 * time.Second, Rate: 8e6, Text: "010"}},
			{At: &start, Link: "red", Do: "down"},
			{At: &middle, Link: "red", Set: &lab.Impairment{Loss: 2, Burst: 10}},
			{In: "b", Run: []string{"sleep", "0.50"}, Exit: &one},
			{At: &second, Expect: []lab.Expectation{expect("subflows == 2"), expect("bytes red > 1MB"), expect("gap up < 2s")}},
		},
		Expect: []lab.Expectation{expect("exit == 1"), expect("hits blue >= 1")},
	}
	if diff := cmp.Diff(want, topology.Scenario, compareTopologies); diff != "" {
		t.Error(diff)
	}
}

func TestScenarioErrors(t *testing.T) {
	for text, want := range map[string]string{
		"steps: [{}]":                                                       "8:11: scenario: a step is one of send, run, link and expect, not 0 of them",
		"steps: [{run: [a], link: red}]":                                    "not 2 of them",
		"steps: [{link: rde, do: down}]":                                    `8:18: scenario: no link "rde": did you mean "red"?`,
		"steps: [{link: red, do: off}]":                                     `8:27: scenario: link red: do "off": down or up only`,
		"steps: [{link: red}]":                                              "link red: either do or set",
		"steps: [{link: red, set: {delay: 1ms, jitter: 2ms}}]":              "link red: ",
		"steps: [{run: [a], in: c}]":                                        `no host "c"`,
		"steps: [{run: []}]":                                                "run: no command",
		"steps: [{run: [a], do: up}]":                                       "do and set belong to link",
		"steps: [{link: red, do: up, in: a}]":                               "in and exit belong to run",
		"steps: [{at: -1s, run: [a]}]":                                      "at -1s: not a time",
		"steps: [{name: x, run: [a]}, {name: x, run: [a]}]":                 "step x: twice",
		"steps: [{send: {from: a, to: b, address: '10.0.0.1:80'}}]":         "either bytes or for",
		"steps: [{send: {from: a, to: b, address: '10.0.0.1:0', for: 1s}}]": "not an address with a port",
		"steps: [{send: {from: a, to: b, address: 10.0.0.1, for: 1s}}]":     "not an ip:port",
		"capture: c":                `capture: no host "c"`,
		"expect: [subflow == 2]":    `unknown subject "subflow": did you mean "subflows"?`,
		"expect: [subflows = 2]":    "is not a subject, a comparison",
		"expect: [subflows == two]": `"two" is not a whole number`,
		"expect: [proven > yes]":    "== and != only",
		"expect: [bytes green > 0]": `no link "green"`,
		"expect: [paths red == 1]":  `paths is not of a single "red"`,
		"expect: [gap < 1s]":        "no send in the scenario",
		"expect: [hits red > 0]":    `no middlebox "red"`,
		"expect: [delivered > 5XB]": "is not a number of bytes",
		"tiemout: 5s":               `unknown key "tiemout": did you mean "timeout"?`,
		"{expect: [exit == 0], steps: [{name: x, run: [a]}, {name: y, run: [b]}]}": `of which run? there are ["x" "y"]`,
	} {
		_, err := lab.Parse("t.yaml", []byte(twoHosts+"scenario:\n  "+text+"\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "topology t.yaml:8:") {
			t.Errorf("%s: error %v\nwant %s", text, err, want)
		}
	}
}

// What is said of a value is what Holds makes of it.
func TestExpectationHolds(t *testing.T) {
	for _, test := range []struct {
		text  string
		found int64
		want  bool
	}{
		{"subflows == 2", 2, true}, {"subflows == 2", 3, false}, {"subflows != 2", 3, true}, {"subflows != 2", 2, false},
		{"bytes > 1kB", 1001, true}, {"bytes > 1kB", 1000, false}, {"bytes >= 1kB", 1000, true}, {"bytes >= 1kB", 999, false},
		{"gap up < 2s", 1999999999, true}, {"gap up < 2s", 2000000000, false}, {"gap up <= 2s", 2000000000, true},
		{"proven == yes", 1, true}, {"proven == yes", 0, false}, {"proven != yes", 0, true}, {"proven == no", 0, true},
	} {
		e, err := lab.ParseExpectation(test.text)
		must(t, err)
		if got := e.Holds(test.found); got != test.want || e.String() != test.text {
			t.Errorf("%s of %d: %v, written %q", test.text, test.found, got, e)
		}
	}
}
