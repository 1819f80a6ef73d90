package cli_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"allroads/internal/control"

	"github.com/creack/pty"
)

const wellText = `allroadsd v1.2.3: all is well
running since 3 h, pid 4242; configuration: the defaults, without a file, loaded 3 h ago

namespace host: kernel mode
  STATE  ADDRESS         INTERFACE  ROLE   ID  WHY
  ready  192.168.0.2/24  eth0       use    1   ethernet; subflow; rule interfaces[0]
  left   172.17.0.1/16   docker0    never  -   rule built-in: container
  limits: subflows 2, add_addr_accepted 2
  connections: 12 live, 11 managed; 40 seen since the start
  subflows: 25 asked for, 3 lost, 2 tried again
`

func TestStatusWell(t *testing.T) {
	f := startDaemon(t)
	if out, errs := f.run(0, "status"); out != wellText || errs != "" {
		t.Errorf("%s%s", out, errs)
	}
	out, _ := f.run(0, "status", "--json")
	has(t, out, `  "schema": "allroads.status/1",`, `"conflicts": [],`)
	f.run(2, "status", "--watch", "0s")
	f.run(2, "status", "now")
}

// badStatus is that of a daemon with all worries at once.
func badStatus() *control.Status {
	s := wellStatus()
	s.Config.Error, s.Config.Failed = pointer("/etc/allroads/allroads.yaml:3:5: unknown key\n   2 | a: {}\n>  3 |     b\n         ^\n/etc/b.yaml:1:1: \x1b]0;title\a"), pointer(time.Now().Add(-5*time.Minute))
	n := &s.Namespaces[0]
	long := "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff/112"
	n.Addresses = append(n.Addresses,
		control.Address{Address: long, Interface: "enxaabbccddeeff", Type: "wwan", Role: "backup", Rule: "interfaces[2]", State: "waiting", Reason: pointer("waiting for a default route"), Since: began},
		control.Address{Address: "10.0.0.9/24", Interface: "wlan0", Role: "use", State: "dropped", Reason: pointer("the kernel has 8 places"), Since: began})
	n.Conflicts = []string{"NetworkManager adds endpoints, too"}
	n.Foreign = []control.Endpoint{{Address: "10.9.9.9", ID: 77, Port: pointer(uint16(99)), Flags: []string{"signal"}}}
	n.Routing = []control.Routing{{What: "rule add from 192.168.0.2 lookup 20002", Why: "192.168.0.2 has a gateway of its own"}}
	n.Pending = []control.Pending{{What: "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff on enxaabbccddeeff", For: "a default route"}, {What: "192.168.0.2 on eth0", For: "a route to 203.0.113.7", Token: pointer("83119fc5"), Next: pointer(time.Now().Add(90 * time.Second)), Tries: 3}}
	n.Losses = control.Losses{Events: 2, Network: 1, Resyncs: 3, Last: pointer(time.Now().Add(-time.Minute))}
	s.Namespaces = append(s.Namespaces, control.Namespace{Name: "red", Mode: "userspace", Error: pointer("open network namespace red: no such file")})
	return s
}

func TestStatusBad(t *testing.T) {
	f := startDaemon(t)
	f.status.Store(badStatus())
	out, _ := f.run(1, "status")
	if !strings.HasPrefix(out, `allroadsd v1.2.3 is NOT WELL:
  ! configuration refused 5 min ago, that of 3 h ago still holds: /etc/allroads/allroads.yaml:3:5: unknown key
    /etc/b.yaml:1:1: ?]0;title?
  ! red: not managed: open network namespace red: no such file
  - host: conflict: NetworkManager adds endpoints, too
  - host: 10.0.0.9/24 on wlan0: dropped: the kernel has 8 places
  - host: 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff on enxaabbccddeeff: waiting for a default route
  - host: connection 83119fc5: 192.168.0.2 on eth0: waiting for a route to 203.0.113.7 (next try in 1 min, tried 3 times)
  - host: messages of the kernel were lost: 2 times of events, 1 time of the network; 3 resyncs, the last 1 min ago
`) {
		t.Errorf("%s", out)
	}
	has(t, out, "of others: endpoint 10.9.9.9 id 77 port 99 signal\n", "routing: rule add from 192.168.0.2 lookup 20002 (192.168.0.2 has a",
		"namespace red: userspace mode, net.mptcp.path_manager is not known", "limits: not known", "waiting for a default route (for 3 h)")
	f.run(1, "status", "--json")
	s := badStatus()
	s.Config.Error, s.Namespaces = nil, s.Namespaces[:1]
	f.status.Store(s)
	out, _ = f.run(0, "status") // What waits is no mistake.
	has(t, out, "allroadsd v1.2.3 works; to be known:\n")
}

// TestStatusManyWait: one route that is missing is one line, however many connections
// wait for it; and what waits never hides what is wrong.
func TestStatusManyWait(t *testing.T) {
	f := startDaemon(t)
	s := badStatus()
	n := &s.Namespaces[0]
	for i := range 3000 {
		token := fmt.Sprintf("%08x", i+16)
		n.Pending = append(n.Pending, control.Pending{What: "10.1.0.2 on lte", For: "a route to 10.0.0.1", Token: &token, Tries: 1 + i%3},
			control.Pending{What: "10.1.0.2 on lte", For: fmt.Sprintf("another try to reach 10.2.%d.%d:443: refused", i/200, i%200), Token: &token})
	}
	for i := range 90 {
		n.Addresses = append(n.Addresses, control.Address{Address: fmt.Sprintf("10.3.0.%d/24", i), Interface: "lte", State: "dropped", Reason: pointer("no room")})
	}
	f.status.Store(s)
	out, _ := f.run(1, "status")
	has(t, out, "- host: 10.3.0.0/24 on lte and 89 more: dropped: no room\n", "- host: 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff on enxaabbccddeeff: waiting for a default route\n"+
		"  - host: 3000 connections, as 00000010: 10.1.0.2 on lte: waiting for a route to 10.0.0.1 (next try when something changes, tried 3 times)\n",
		"- host: and 2983 more wait: see allroads paths\n")
	if lines := strings.Count(out, "\n"); lines > 60+90 {
		t.Errorf("%d lines", lines)
	}
}

// atTerminal runs a command at a terminal, until it has shown a text.
func (f *fakeDaemon) atTerminal(columns int, env, until string, words ...string) string {
	f.t.Helper()
	master, slave, err := pty.Open()
	must(f.t, err)
	defer master.Close()
	must(f.t, pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: uint16(columns)}))
	cmd := exec.Command(f.path, append(words, "--socket", f.socket)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.Env = append(os.Environ(), "TERM=xterm", env)
	must(f.t, cmd.Start())
	slave.Close()
	defer time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() }).Stop()
	var seen strings.Builder
	for buffer := make([]byte, 4096); err == nil; {
		var n int
		n, err = master.Read(buffer)
		seen.Write(buffer[:n])
		if until != "" && strings.Contains(seen.String(), until) {
			_ = cmd.Process.Signal(os.Interrupt)
			until = ""
		}
	}
	if err == io.EOF {
		f.t.Error("the terminal ended early")
	}
	_ = cmd.Wait()
	return strings.ReplaceAll(seen.String(), "\r\n", "\n")
}

// anyEscape is what a terminal obeys; colour is what it shows.
var (
	anyEscape = regexp.MustCompile("\x1b[^m]*m|[\x00-\x09\x0b-\x1f]")
	colour    = regexp.MustCompile("\x1b\\[[0-9]+m")
)

// TestDaemonTerminal: no line is longer than the terminal but for one long word, nothing of
// others reaches it as a command, and colours can be switched off.
func TestDaemonTerminal(t *testing.T) {
	f := startDaemon(t)
	f.status.Store(badStatus())
	f.now(func() { f.paths, f.stories = somePaths(), map[string]control.Story{"host 83119fc5": someStory()} })
	f.stream.Publish(control.Event{Namespace: "host", Kind: "loss", Text: strings.Repeat("long words ", 20) + "\x1b[2J"})
	for _, words := range [][]string{{"status"}, {"paths"}, {"explain", "83119fc5"}, {"events"}} {
		shown := f.atTerminal(80, "NO_COLOR=", "", words...)
		if !colour.MatchString(shown) {
			t.Errorf("%v: no colour:\n%s", words, shown)
		}
		for line := range strings.Lines(colour.ReplaceAllString(shown, "")) {
			if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > 80 || anyEscape.MatchString(line) {
				t.Errorf("%v: %d columns: %q", words, utf8.RuneCountInString(line), line)
			}
		}
		if shown := f.atTerminal(80, "NO_COLOR=1", "", words...); anyEscape.MatchString(shown) {
			t.Errorf("%v: %q", words, anyEscape.FindString(shown))
		}
	}
}

// TestStatusWatch goes on while allroadsd is restarted.
func TestStatusWatch(t *testing.T) {
	f := startDaemon(t)
	time.AfterFunc(300*time.Millisecond, f.stop)
	shown := f.atTerminal(80, "NO_COLOR=", "is allroadsd running?", "status", "--watch", "50ms")
	if !strings.Contains(shown, "all is well") || strings.Contains(shown, "interrupted") || strings.Count(shown, "\x1b[J") < 2 {
		t.Errorf("%q", shown)
	}
}
