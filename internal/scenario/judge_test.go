package scenario_test

import (
	"testing"
	"time"

	"allroads/internal/scenario"
)

// TestNotMet: expectations that are not met say what was found.
func TestNotMet(t *testing.T) {
	t.Parallel()
	r := play(t, topology(t, `
scenario:
  steps:
    - {name: up, send: {from: client, to: server, address: 10.0.1.2:4321, bytes: 1000, text: "all roads\n"}}
    - expect: [delivered == 999, intact == yes]
  expect: [delivered != 1000, intact == no, connections > 1, bytes red > 1kB, bytes blue > 0, proven == yes, mptcp up == no, fallbacks > 0]
`))
	want := []string{"1000", "yes", "1000", "yes", "1", "1000", "0", "no", "yes", "0"}
	for i, j := range r.Expectations {
		if j.Found == nil || *j.Found != want[i] || j.Met != (j.Step == 2 && i == 1) {
			t.Errorf("%+v, want %s", j, want[i])
		}
		if proof := j.Text == "proven == yes"; (j.Why != "") != proof {
			t.Errorf("%s because: %s", j.Text, j.Why)
		}
	}
	if len(r.Expectations) != len(want) || r.Passed || r.Steps[1].Passed || r.Steps[1].Error != "1 of 2 expectations are not met" {
		t.Errorf("passed: %v\n%s", r.Passed, describe(r))
	}
	if first, last := r.Expectations[0], r.Expectations[9]; first.Step != 2 || last.Step != 0 || first.At <= 0 || last.At <= first.At {
		t.Errorf("%+v, then %+v", first, last)
	}
}

// TestOnTheWay judges while there is something going on: what has not ended is
// not known, what has come is.
func TestOnTheWay(t *testing.T) {
	t.Parallel()
	r := playUntil(t, topology(t, `
scenario:
  steps:
    - {name: up, send: {from: client, to: server, address: 10.0.1.2:4321, for: 1s, rate: 10mbit}}
    - {at: 300ms, expect: [delivered up > 0, mptcp up == yes, gap up < 10s, connections == 1, bytes red > 0, proven == no, intact up == yes, exit == 0, gap later > 0s]}
    - {run: ["true"]}
    - {name: later, send: {from: client, to: server, address: 10.0.1.2:4321, bytes: 1}}
  expect: [intact up == yes, connections == 2]
`), func(r *scenario.Report) bool { return *r.Steps[1].End < 900*time.Millisecond })
	why := map[string]string{
		"intact up == yes": "unknown: the send has not ended",
		"exit == 0":        "unknown: the step has not begun",
		"gap later > 0s":   "unknown: the step has not begun",
	}
	for _, j := range r.Expectations {
		if j.Step == 0 {
			continue
		}
		if j.Why != why[j.Text] || j.Met != (why[j.Text] == "") || j.At < 300*time.Millisecond || j.At > *r.Steps[0].End {
			t.Errorf("%+v", j)
		}
	}
	if r.Steps[1].Error != "3 of 9 expectations are not met" {
		t.Errorf("%+v", r.Steps[1])
	}
	for _, j := range r.Expectations[9:] {
		if !j.Met {
			t.Errorf("%+v", j)
		}
	}
	if seen := r.Report.Connections[0].ToServer.Bytes; seen != r.Sends[0].Delivered {
		t.Errorf("%d bytes were seen, %d delivered", seen, r.Sends[0].Delivered)
	}
}
