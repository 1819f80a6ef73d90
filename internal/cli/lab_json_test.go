package cli_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestLabJSONIsDocumented looks for each field of what show and ls print in its
// documentation.
func TestLabJSONIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/lab-json.md")
	must(t, err)
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.up(u.file("all", `
name: all
hosts:
  - name: a
    mptcp:
      limits: {subflows: 1, add_addr_accepted: 1}
      endpoints: [{address: 10.0.0.1, dev: x, id: 3, port: 80, flags: [signal]}]
    processes: [{name: p, command: ["true"]}]
  - {name: b}
links:
  - name: x
    rate: 100mbit
    delay: 1ms
    jitter: 1ms
    loss: 1%
    burst: 2
    duplicate: 1%
    reorder: 1%
    queue: 100
    middlebox: [{do: drop, options: [mp_join]}]
    ends: [{host: a, addresses: [10.0.0.1/24]}, {host: b}]
`))
		s := u.sit("exec", "all/a", "--", "sh", "-c", "echo begun; sleep 100")
		s.sees("begun")
		names := map[string]bool{}
		for _, text := range []string{u.ok("show", "all", "--json"), u.ok("ls", "--json")} {
			var value any
			must(t, json.Unmarshal([]byte(text), &value))
			collect(value, names, map[string]bool{})
		}
		u.ok("down", "all")
		s.ends(3)
		if len(names) < 40 {
			t.Errorf("the JSON has only %v", slices.Sorted(maps.Keys(names)))
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if !strings.Contains(string(doc), "`"+name+"`") {
				t.Errorf("field %s is not documented", name)
			}
		}
	})
}
