package cli_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// aboutLab is what `lab ls --json` says.
type aboutLab struct {
	Name     string
	Hosts    []string
	Pid      int
	Watcher  int `json:"watcher_pid"`
	Names    []string
	Sessions []struct{ Pid int }
}

func (u *labUser) list() []aboutLab {
	u.t.Helper()
	var shown struct{ Labs []aboutLab }
	must(u.t, json.Unmarshal([]byte(u.ok("ls", "--json")), &shown))
	return shown.Labs
}

func (u *labUser) up(file string) { u.t.Helper(); u.ok("up", file) }

// TestLabUp builds labs, lists them and takes them down.
func TestLabUp(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		if said := u.ok("up", u.pair("two")); !strings.Contains(said, "lab two is up: hosts a, b; links 1\n") {
			t.Errorf("up says %q", said)
		}
		u.ok("up", u.pair("two"), "--name", "three")
		labs := u.list()
		if len(labs) != 2 || labs[0].Name != "three" || labs[1].Name != "two" {
			t.Fatalf("labs %+v", labs)
		}
		if text := u.ok("ls"); strings.Count(text, "\n") != 3 || !strings.Contains(text, filepath.Join(u.dir, "two.yaml")) {
			t.Errorf("ls says\n%s", text)
		}
		u.expectNames(labs[1], "two-a two-b")
		u.ok("down", "two")
		if pids := alive(t, u.path); len(pids) != 2 {
			t.Errorf("processes %q of one lab", pids)
		}
		u.expect(3, "allroads: lab two: no such lab is up\n", "down", "two")
		u.ok("down", "--all")
		u.expectNothing() // at once
		u.ok("down", "--all")
		if text := u.ok("ls", "--json"); !strings.Contains(text, "\"labs\": []\n") {
			t.Errorf("no labs are %q", text)
		}
	})
}

// expectNames holds that ip-netns(8) knows root's hosts; an ordinary user's have no
// names.
func (u *labUser) expectNames(l aboutLab, names string) {
	u.t.Helper()
	if !u.root {
		names = ""
	}
	if got := strings.Join(l.Names, " "); got != names {
		u.t.Errorf("names %q, want %q", got, names)
	}
	for _, name := range l.Names {
		out, err := exec.Command("ip", "netns", "exec", name, "ip", "-o", "addr").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "10.1.0.") {
			u.t.Errorf("ip netns exec %s: %v: %s", name, err, out)
		}
	}
}

// TestLabSet changes a link; ip(8) knows, or the next packet.
func TestLabSet(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		u.ok("up", u.pair("set"))
		state := func() string { return u.ok("exec", "set/a", "--", "ip", "-o", "link", "show", "toward-b") }
		u.ok("set", "set", "ab", "delay=60ms")
		began := time.Now()
		u.run("exec", "set/a", "--", "bash", "-c", ": </dev/tcp/10.1.0.2/9") // It is refused.
		if took := time.Since(began); took < 120*time.Millisecond {
			t.Errorf("a round trip of 120 ms took %v", took)
		}
		u.ok("set", "set", "ab", "down")
		if text := state(); !strings.Contains(text, "state DOWN") {
			t.Errorf("a link that is down: %s", text)
		}
		u.ok("set", "set", "ab", "up", "delay=0")
		if text := state(); !strings.Contains(text, ",UP") {
			t.Errorf("a link that is up: %s", text)
		}
		u.expect(3, `no link "ac"`, "set", "set", "ac", "down")
		u.expect(2, "unknown change", "set", "set", "ab", "sideways")
		u.ok("down", "set")
	})
}

// TestLabSameName: of several labs of one name one is built, and the others say
// why not.
func TestLabSameName(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		file := u.pair("same")
		var all sync.WaitGroup
		codes, said := make([]int, 8), make([]string, 8)
		for i := range codes {
			cmd := u.command("up", file)
			all.Go(func() { _, said[i], codes[i] = u.finish(cmd) })
		}
		all.Wait()
		built := 0
		for i, code := range codes {
			switch {
			case code == 0:
				built++
			case code != 3 || said[i] != "allroads: start lab same: a lab of this name is up: `allroads lab down` it, or give the new one another --name\n":
				t.Errorf("exit code %d and %q", code, said[i])
			}
		}
		if built != 1 || len(u.list()) != 1 {
			t.Errorf("%d of 8 were built", built)
		}
		u.ok("down", "same")
	})
}

// TestLabForeignName: a namespace that somebody else has called so is theirs.
func TestLabForeignName(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		if !u.root {
			t.Skip("an ordinary user's lab has no names")
		}
		ip := func(args ...string) string {
			out, err := exec.Command("ip", args...).CombinedOutput()
			if err != nil {
				t.Fatalf("ip %q: %v: %s", args, err, out)
			}
			return string(out)
		}
		ip("netns", "add", "mine-b")
		ip("-n", "mine-b", "link", "add", "name", "witness", "type", "bridge")
		u.expect(3, "namespace mine-b is there already, and not this lab", "up", u.pair("mine"))
		if names := strings.Fields(ip("netns", "list")); len(names) != 1 || names[0] != "mine-b" {
			t.Errorf("names %q", names)
		}
		ip("-n", "mine-b", "link", "show", "witness")
		ip("netns", "delete", "mine-b")
		u.ok("up", u.pair("mine"))
		u.ok("down", "mine")
	})
}
