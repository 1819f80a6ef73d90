package scenario_test

import (
	"testing"
	"time"

	"allroads/internal/scenario"
)

// TestTwoPaths sends so much that it takes both paths, which the packets prove.
func TestTwoPaths(t *testing.T) {
	r := play(t, topology(t, `
scenario:
  steps:
    - {name: up, send: {from: client, to: server, address: 10.0.1.2:4321, for: 400ms, rate: 200mbit}}
    - expect: [connections == 1, intact up == yes, bytes > 0, mptcp == yes]
  expect:
    - connections == 1
    - subflows == 2
    - paths == 2
    - fallbacks == 0
    - proven == yes
    - mptcp == yes
    - intact == yes
    - delivered up > 100kB
    - bytes red > 0
    - bytes blue > 0
`))
	passes(t, r)
	sent, seen := r.Sends[0], r.Report.Connections[0].ToServer.Bytes
	if sent.Sent != sent.Delivered || sent.Delivered != seen || sent.Gap == nil || r.Capture != "client" {
		t.Errorf("%+v, captured at %s, and %d bytes are in the packets", sent, r.Capture, seen)
	}
	if r.Steps[0].End == nil || *r.Steps[0].End < *r.Steps[0].Begin+400*time.Millisecond || *r.Steps[1].Begin < *r.Steps[0].End {
		t.Errorf("steps %+v: the first has to last for 400 ms", r.Steps)
	}
}

// TestFailover takes the first path down on the way: the rest comes by the other.
func TestFailover(t *testing.T) {
	t.Parallel()
	r := playUntil(t, topology(t, `
scenario:
  steps:
    - {name: up, send: {from: client, to: server, address: 10.0.1.2:4321, for: 700ms, rate: 20mbit}}
    - {at: 200ms, link: red, do: down}
  expect: [subflows == 2, gap up < 2s, intact up == yes, mptcp up == yes, paths == 2]
`), func(r *scenario.Report) bool { return *r.Steps[1].End < 600*time.Millisecond })
	passes(t, r)
	if down := r.Steps[1]; *down.Begin < 200*time.Millisecond || *down.Begin > *r.Steps[0].End {
		t.Errorf("the link went down at %v, the send ended at %v", *down.Begin, *r.Steps[0].End)
	}
}

// TestUp: what could not be sent while the only link was down comes afterwards,
// and the gap says so.
func TestUp(t *testing.T) {
	t.Parallel()
	alone := topology(t, `
scenario:
  capture: server
  steps:
    - {at: 200ms, link: red, do: down}
    - {run: [sleep, "0.3"]}
    - {link: red, do: up}
    - {at: 1ms, name: up, send: {from: client, to: server, address: 10.0.1.2:4321, for: 800ms, rate: 10mbit}}
  expect: [intact up == yes, subflows == 1]
`)
	alone.Hosts[0].MPTCP.Endpoints = nil
	r := playUntil(t, alone, func(r *scenario.Report) bool { return *r.Steps[0].End < 500*time.Millisecond })
	passes(t, r)
	if r.Capture != "server" {
		t.Errorf("captured at %s", r.Capture)
	}
	// What had arrived before may be read a little later.
	if down := *r.Steps[2].Begin - *r.Steps[0].End; down < 300*time.Millisecond || *r.Sends[0].Gap < down/2 {
		t.Errorf("the link was down for %v, the gap is %v", down, *r.Sends[0].Gap)
	}
}

// TestSet makes a link slow: what is sent then takes as long as it has to.
func TestSet(t *testing.T) {
	t.Parallel()
	r := play(t, topology(t, `
scenario:
  steps:
    - {link: red, set: {rate: 2mbit, delay: 30ms}}
    - {send: {from: client, to: server, address: 10.0.1.2:4321, bytes: 100kB}}
    - {link: red, set: {}}
    - {send: {from: client, to: server, address: 10.0.1.2:4321, bytes: 100kB}}
    - {link: blue, do: down}
    - {link: blue, do: up}
`))
	passes(t, r)
	// The rate lets a little through at once.
	if took := *r.Steps[1].End - *r.Steps[1].Begin; took < 150*time.Millisecond {
		t.Errorf("100 kB took %v at 2 Mbit/s", took)
	}
}

// TestTurns: a time counts from the beginning, no time means after all before.
func TestTurns(t *testing.T) {
	t.Parallel()
	events := map[int]string{}
	note := func(what string) func(scenario.Step) {
		return func(s scenario.Step) { events[s.Number] += what }
	}
	r, err := playIn(t, topology(t, `
scenario:
  steps:
    - {run: [sleep, "0.3"]}
    - {at: 600ms, link: red, do: up}
    - {run: ["true"]}
    - {at: 400ms, link: red, do: down}
    - {at: 1ms, run: ["false"]}
`), scenario.Options{Observer: scenario.Observer{Begins: note("begins "), Ended: note("ended ")}})
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range r.Steps {
		if events[s.Number] != "begins ended " || s.Number != i+1 || s.Passed != (i != 4) {
			t.Errorf("observed %q of %+v", events[s.Number], s)
		}
	}
	begin := func(number int) time.Duration { return *r.Steps[number-1].Begin }
	end := func(number int) time.Duration { return *r.Steps[number-1].End }
	if begin(5) < time.Millisecond || begin(5) > end(1) || begin(4) < 400*time.Millisecond ||
		begin(2) < 600*time.Millisecond || begin(2) < begin(4) || begin(3) < end(2) || begin(3) < end(1) {
		t.Errorf("not in turn: %+v", r.Steps)
	}
	if r.Passed || r.Steps[4].Error != "exit code 1, not 0" {
		t.Errorf("only step 5 was to fail:\n%s", describe(r))
	}
}
