package cli_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"allroads/internal/control"
)

func somePaths() control.Paths {
	one := control.Connection{Namespace: "host", Token: "83119fc5", Side: "client", Local: "10.0.0.1:4000", Remote: "10.1.0.1:443",
		Manager: "userspace", Strategy: "fullmesh", Rule: "connections[1]\x1b[2J", Since: time.Now().Add(-2 * time.Minute),
		Paths: []control.Path{
			{Local: "10.0.0.1:4000", Interface: "eth0", Remote: "10.1.0.1:443", State: "established"},
			{Local: "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", Interface: "lte0", Remote: "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:1]:443", LocalID: 2, RemoteID: 1,
				State: "waiting", Backup: true, Reason: pointer("a route to 10.1.0.1"), Tries: 2},
		}}
	two := control.Connection{Namespace: "red", Token: "00000007", Local: "[::ffff:10.0.0.2]:5000", Remote: "10.1.0.1:443", Manager: "kernel", Since: time.Now()}
	return control.Paths{Connections: []control.Connection{one, two}}
}

func someStory() control.Story {
	return control.Story{Connection: somePaths().Connections[0], Forgotten: 3, Closed: pointer(time.Now().Add(-time.Minute)), Entries: []control.Entry{
		{Time: time.Date(2026, 1, 2, 23, 59, 59, 5e6, time.Local), What: "the connection is established"},
		{Time: time.Date(2026, 1, 3, 0, 0, 1, 0, time.Local), What: "make a subflow from 10.0.0.2", Why: strings.Repeat("fullmesh wants it ", 8) + "\x1b[31m"},
	}}
}

func TestPaths(t *testing.T) {
	f := startDaemon(t)
	_, errs := f.run(0, "paths")
	has(t, errs, "knows no MPTCP connection")
	f.now(func() { f.paths = somePaths() })
	out, _ := f.run(0, "paths")
	if out != `83119fc5  10.0.0.1:4000 -> 10.1.0.1:443  client  managed by userspace  fullmesh  rule connections[1]?[2J  netns host  for 2 min
  established  10.0.0.1:4000 -> 10.1.0.1:443  on eth0  ids 0 0
  waiting  2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff -> [2001:db8:aaaa:bbbb:cccc:dddd:eeee:1]:443  on lte0  ids 2 1  backup  for a route to 10.1.0.1  next try when something changes, tried 2 times
00000007  [::ffff:10.0.0.2]:5000 -> 10.1.0.1:443  ?  managed by kernel  netns red  for 0 s
` {
		t.Errorf("%s", out)
	}
	for word, want := range map[string]string{"83119FC5": "83119fc5", "0x83119fc5": "83119fc5", "7": "00000007", "10.0.0.2": "00000007",
		"[::ffff:10.0.0.2]:5000": "00000007", ":4000": "83119fc5", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff": "83119fc5",
		"[2001:db8:aaaa:bbbb:cccc:dddd:eeee:1]:443": "83119fc5", "10.1.0.1:443": "83119fc5 00000007"} {
		out, _ := f.run(0, "paths", "--json", word)
		var shown control.Paths
		must(t, json.Unmarshal([]byte(out), &shown))
		var tokens []string
		for _, c := range shown.Connections {
			tokens = append(tokens, c.Token)
		}
		if got := strings.Join(tokens, " "); got != want || shown.Schema != control.PathsSchema {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
	_, errs = f.run(1, "paths", "10.1.0.1:80", "8")
	has(t, errs, "none of the 2 connections")
	out, _ = f.run(1, "paths", "--json", "8")
	has(t, out, `"connections": []`)
	f.run(2, "paths", "eth0")
}

func TestExplain(t *testing.T) {
	f := startDaemon(t)
	f.now(func() { f.paths = somePaths() })
	f.now(func() {
		f.stories = map[string]control.Story{"host 83119fc5": someStory(), "host 00000007": {}, "red 00000007": {Connection: f.paths.Connections[1]}}
	})
	for _, word := range []string{"83119fc5", "10.0.0.1:4000", ":4000", "10.0.0.1"} {
		out, _ := f.run(0, "explain", word)
		has(t, out, "83119fc5  10.0.0.1:4000 -> ", "\nended 1 min ago\n\n... 3 lines before are forgotten\n2026-01-02\n23:59:59.005  the connection is established\n2026-01-03\n00:00:01.000  make a subflow from 10.0.0.2: fullmesh", "?[31m\n")
	}
	out, _ := f.run(0, "explain", "--json", "83119fc5")
	has(t, out, `"schema": "allroads.story/1"`)
	out, _ = f.run(0, "explain", "10.0.0.2")
	has(t, out, "netns red") // of two with the token, the one with the address
	for word, want := range map[string]string{"9": "token 00000009: no such connection", "7": "--namespace", "10.9.9.9": "no live connection",
		"10.1.0.1": "2 connections have such an end: say which, by token:\n  83119fc5 10.0.0.1:4000 -> 10.1.0.1:443 netns host\n"} {
		out, errs := f.run(1, "explain", word)
		if out != "" {
			t.Errorf("%s: %s", word, out)
		}
		has(t, errs, want)
	}
	out, _ = f.run(0, "explain", "10.1.0.1", "--namespace", "red")
	has(t, out, "00000007")
	f.run(2, "explain")
	f.run(2, "explain", "x")
}
