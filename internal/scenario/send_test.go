package scenario_test

import (
	"strings"
	"testing"
	"time"

	"allroads/internal/scenario"
	"allroads/lab"
)

// TestPlainTCP: a server without MPTCP gets the data, in TCP.
func TestPlainTCP(t *testing.T) {
	t.Parallel()
	off := parse(t, `
name: off
hosts:
  - {name: client}
  - {name: server, sysctls: {net.mptcp.enabled: 0}}
links:
  - name: red
    ends:
      - {host: client, addresses: [10.0.1.1/24]}
      - {host: server, addresses: [10.0.1.2/24]}
scenario:
  steps:
    - {name: there, send: {from: client, to: server, address: 10.0.1.2:4321, bytes: 100kB}}
    - {name: back, send: {from: server, to: client, address: 10.0.1.1:4321, bytes: 100kB}}
  expect:
    - mptcp there == no
    - mptcp back == no
    - intact there == yes
    - delivered back == 100kB
    - connections == 0
    - subflows == 0
    - fallbacks == 1
    - bytes == 0
    - proven == no
`)
	passes(t, play(t, off))
}

// TestMiddleboxes: what they do shows in what arrives, in the kernel's word and in
// their own counters.
func TestMiddleboxes(t *testing.T) {
	for _, test := range []struct{ name, rule, send, expect string }{
		{"strip", "{do: strip, options: [dss]}", "bytes: 50kB", "mptcp == no, intact == yes, fallbacks == 1, hits > 0"},
		{"capable", "{do: strip, options: [mp_capable], packets: syn}", "bytes: 50kB", "mptcp == no, intact == yes, connections == 0, hits == 1"},
		{"rewrite", "{do: rewrite, find: roads, replace: ROADS, from: client}", "bytes: 900, text: all roads", "intact == no, delivered == 900, hits > 0"},
		{"drop", "{do: drop, options: [mp_capable], packets: syn}", "bytes: 900", "intact == no, delivered == 0, hits > 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			box := parse(t, `
name: box
hosts: [{name: client}, {name: server}]
links:
  - name: wire
    middlebox: [`+test.rule+`]
    ends:
      - {host: client, addresses: [10.0.1.1/24]}
      - {host: server, addresses: [10.0.1.2/24]}
scenario:
  steps: [{send: {from: client, to: server, address: 10.0.1.2:4321, `+test.send+`}}]
  expect: [`+test.expect+`]
`)
			if test.name == "drop" {
				box.Scenario.Timeout = 700 * time.Millisecond
			}
			passes(t, play(t, box))
		})
	}
}

// TestTogether: sends to one port at the same time, over IPv4 and IPv6, do not get
// into one another's way, though NAT makes two of their clients one.
func TestTogether(t *testing.T) {
	t.Parallel()
	r := play(t, parse(t, `
name: nat
hosts:
  - {name: one, routes: [{to: default, via: 10.0.1.254}]}
  - {name: two, routes: [{to: default, via: 10.0.2.254}]}
  - {name: server}
routers:
  - {name: home, masquerade: [out]}
links:
  - {name: a, ends: [{host: one, addresses: [10.0.1.1/24]}, {host: home, addresses: [10.0.1.254/24]}]}
  - {name: b, ends: [{host: two, addresses: [10.0.2.1/24]}, {host: home, addresses: [10.0.2.254/24]}]}
  - {name: c, ends: [{host: home, interface: out, addresses: [10.0.3.1/24, "fd00::1/64"]}, {host: server, addresses: [10.0.3.2/24, "fd00::2/64"]}]}
scenario:
  capture: server
  steps:
    - {at: 10ms, send: {from: one, to: server, address: 10.0.3.2:80, for: 200ms, rate: 10mbit}}
    - {at: 10ms, send: {from: two, to: server, address: 10.0.3.2:80, for: 200ms, rate: 10mbit, text: over and over}}
    - {at: 10ms, send: {from: one, to: server, address: 10.0.3.2:80, bytes: 1}}
    - {at: 10ms, send: {from: home, to: server, address: "[fd00::2]:80", bytes: 3MB}}
    - {send: {from: server, to: home, address: 10.0.3.1:80, bytes: 77777}}
  expect: [connections == 5, bytes a > 0]
`))
	for _, s := range r.Sends {
		if !s.Intact || s.Delivered == 0 || s.MPTCP == nil || !*s.MPTCP {
			t.Errorf("%+v", s)
		}
	}
	last := r.Expectations[1]
	if r.Passed || last.Met || last.Found != nil || last.Why != "unknown: the packets are not from a host on link a" {
		t.Errorf("%+v", last)
	}
	if !r.Expectations[0].Met {
		t.Errorf("%+v", r.Expectations[0])
	}
}

// TestUnreachable: sends that cannot connect end with the socket's error, or with
// the timeout, and fail unless an expectation is about what arrived.
func TestUnreachable(t *testing.T) {
	for _, test := range []struct{ name, address, expect, why string }{
		{"refused", "10.0.1.1:4321", "connections == 0", "connection refused"},
		{"silent", "10.0.1.77:4321", "connections == 0", "timed out"},
		{"expected", "10.0.1.1:4321", "intact == no, delivered == 0", "connection refused"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			unreachable := topology(t, `
scenario:
  steps: [{send: {from: client, to: server, address: "`+test.address+`", bytes: 10kB}}]
  expect: [`+test.expect+`]
`)
			if test.why == "timed out" {
				unreachable.Scenario.Timeout = 400 * time.Millisecond
			}
			r := play(t, unreachable)
			if expected := test.name == "expected"; r.Passed != expected || r.Steps[0].Passed != expected {
				t.Errorf("passed: %v, step: %v", r.Passed, r.Steps[0].Passed)
			}
			for _, j := range r.Expectations {
				if !j.Met {
					t.Errorf("%+v", j)
				}
			}
			if s := r.Sends[0]; s.Intact || s.Delivered != 0 || s.MPTCP != nil || s.Gap != nil || !strings.Contains(s.Error, test.why) {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestStalled: data that stops arriving fails the send, and the gap counts until
// the end.
func TestStalled(t *testing.T) {
	t.Parallel()
	stalled := topology(t, `
scenario:
  timeout: 900ms
  steps:
    - {name: up, send: {from: client, to: server, address: 10.0.1.2:4321, bytes: 10MB, rate: 10mbit}}
    - {at: 300ms, link: red, do: down}
  expect: [gap >= 300ms, mptcp == yes]
`)
	stalled.Hosts[0].MPTCP.Endpoints = nil
	r := playUntil(t, stalled, func(r *scenario.Report) bool { return *r.Steps[1].End < 500*time.Millisecond })
	if r.Passed || r.Steps[0].Passed || !strings.HasSuffix(r.Steps[0].Error, "timed out") {
		t.Errorf("the send was to time out:\n%s", describe(r))
	}
	if s := r.Sends[0]; s.Intact || s.Delivered == 0 || s.Sent <= s.Delivered {
		t.Errorf("%+v", s)
	}
	for _, j := range r.Expectations {
		if !j.Met {
			t.Errorf("%+v", j)
		}
	}
}

// TestTaken: a send whose receiver cannot be there fails, whatever is expected.
func TestTaken(t *testing.T) {
	t.Parallel()
	network := lab.Start(t, lab.Value(topology(t, `
scenario:
  steps: [{send: {from: client, to: server, address: 10.0.1.2:4321, bytes: 1}}]
  expect: [intact == no]
`)))
	listener, err := network.Host("server").Listen(t.Context(), "tcp4", ":4321")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	r, err := scenario.Play(t.Context(), network, scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Steps[0]; r.Passed || s.Passed || !strings.Contains(s.Error, "listen in server: ") || !strings.Contains(s.Error, "address already in use") {
		t.Errorf("%+v", s)
	}
}
