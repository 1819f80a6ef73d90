package summary_test

import (
	"testing"

	"allroads/internal/summary"
)

// TestExpectationsOfCaptures: what was done in the labs is what is found, and what was
// not done is not.
func TestExpectationsOfCaptures(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"two-paths": {"proven": "met", "verified": "met", "to-server == 100012": "met", "paths == 2": "met", "share blue < 50%": "met",
			"handovers == 0": "met", "handover < 1s": "unknown", "reinjected < 5%": "missed", "version == 1": "met"},
		"handover": {"handover < 500ms": "met", "handover > 150ms": "met", "handovers == 1": "met", "share 10.2.0.2 > 60%": "met",
			"share wifi > 60%": "missed", "loss wifi > 1%": "met", "loss lte == 0%": "met", "goodput > 1Mbit/s": "missed"},
		"refused": {"refused-joins == 1": "met", "failed-joins == 0": "missed", "idle-subflows == 0": "met", "to-server == 20kB": "met",
			"paths >= 2": "missed", "share 2001:db8:1:0::1 == 100%": "met", "resets == 1": "met"},
		"fallback": {"no-fallback": "missed", "fallbacks == 1": "met", "subflows >= 1": "missed", "rtt < 1s": "met", "connections == 0": "met"},
		"backup":   {"idle-subflows == 1": "met", "subflows == 2": "met", "bytes backup == 0": "met", "bytes 10.1.0.2 == 30kB": "met", "proven": "missed"},
		"several":  {"connections == 2": "met", "fallbacks == 1": "met", "subflows >= 2": "missed", "to-server == 120012": "met"},
	} {
		var all summary.Expectations
		var states []string
		for text, state := range want {
			e, err := summary.ParseExpectation(text)
			if err != nil {
				t.Fatal(err)
			}
			all.List, states = append(all.List, e), append(states, state)
		}
		c := read(t, captures[name], all.Add)
		for i, outcome := range all.Result(c.report) {
			if got := stateOf(outcome); got != states[i] {
				t.Errorf("%s: %s is %s, %s; want %s", name, outcome.Text, got, outcome.Got, states[i])
			}
		}
	}
}
