package scenario_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestJSON reads a report back as others would, and holds its fields against the
// documented ones.
func TestJSON(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(play(t, topology(t, `
scenario:
  timeout: 400ms
  steps:
    - {name: up, send: {from: client, to: server, address: 10.0.1.2:4321, bytes: 10}}
    - {name: refused, send: {from: client, to: server, address: 10.0.1.1:4321, bytes: 10}}
    - {name: sh, run: [sh, -c, "echo out; exit 3"]}
    - {at: 10s, expect: [proven == yes]}
  expect: [delivered up == 10, mptcp refused == no, proven == yes]
`)))
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	keys := func(path string, of any, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(of.(map[string]any)))); diff != "" {
			t.Errorf("fields of %s:\n%s", path, diff)
		}
	}
	at := func(list string, i int) map[string]any { return back[list].([]any)[i].(map[string]any) }
	keys("report", back, "capture", "duration", "expectations", "passed", "report", "schema", "sends", "steps", "topology")
	keys("send", at("steps", 0), "begin", "end", "kind", "name", "number", "passed", "text")
	keys("run", at("steps", 2), "begin", "end", "error", "exit", "kind", "name", "number", "output", "passed", "text")
	keys("late", at("steps", 3), "error", "kind", "number", "passed", "text")
	keys("sent", at("sends", 0), "address", "delivered", "from", "gap", "intact", "mptcp", "name", "sent", "step", "to")
	keys("refused", at("sends", 1), "address", "delivered", "error", "from", "gap", "intact", "mptcp", "name", "sent", "step", "to")
	keys("of a step", at("expectations", 0), "at", "found", "met", "step", "text", "why")
	keys("met", at("expectations", 1), "at", "found", "met", "text")
	keys("not met", at("expectations", 3), "at", "found", "met", "text", "why")
	if back["schema"] != "allroads.scenario/1" || back["passed"] != false ||
		at("sends", 0)["mptcp"] != true || at("sends", 1)["mptcp"] != nil || at("sends", 1)["gap"] != nil ||
		at("expectations", 1)["found"] != "10" || at("expectations", 2)["found"] != nil || at("steps", 2)["exit"] != 3.0 {
		t.Errorf("%s", text)
	}
}
