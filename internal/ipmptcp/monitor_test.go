package ipmptcp_test

import (
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"allroads/internal/ipmptcp"
	"allroads/internal/netns"
	"allroads/mptcp"
	"allroads/pathmanager/pathmanagertest"

	"github.com/google/go-cmp/cmp"
)

// watchIP runs the monitor of the installed ip until stop is called. It has
// joined when watchIP returns, for which listening sockets come and go.
func watchIP(t *testing.T, ns *netns.NS, args ...string) (out *growing, stop func()) {
	t.Helper()
	out = new(growing)
	cmd := exec.Command(installed(t), args...)
	cmd.Stdout, cmd.Stderr = out, out
	must(t, ns.Do(cmd.Start))
	stop = func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	t.Cleanup(stop)
	eventually(t, "ip's monitor has joined", func() bool {
		listenOnce(t, ns, 1)
		return len(out.String()) > 2
	})
	return out, stop
}

// listenOnce makes two events.
func listenOnce(t *testing.T, ns *netns.NS, port uint16) {
	t.Helper()
	must(t, ns.Do(func() error {
		at := netip.AddrPortFrom(netip.MustParseAddr("10.9.0.3"), port)
		listener, err := mptcp.Listen(context.Background(), at)
		if err != nil {
			return err
		}
		return listener.Close()
	}))
}

// play makes a connection whose events are of every type, until seen has them
// all.
func play(t *testing.T, ns *netns.NS, at, to, announced string, seen *growing) {
	t.Helper()
	before := len(seen.String())
	happened := func(words ...string) {
		t.Helper()
		for _, word := range words {
			eventually(t, at+": "+word, func() bool { return strings.Contains(seen.String()[before:], word) })
		}
	}
	call := func(line string) {
		t.Helper()
		if r := run(t, ns, ipmptcp.Run, strings.Fields(line)...); r.code != 0 {
			t.Fatalf("%s: %+v", line, r)
		}
	}
	call("endpoint add 10.9.0.2 id 5 dev lo subflow")
	call("endpoint add fd09::2 id 6 dev lo subflow")
	call("endpoint add 10.9.0.3 id 7 signal port " + announced)
	p := connect(t, ns, at, to)
	happened("LISTENER_CREATED", " CREATED] ", " ESTABLISHED] ", "ANNOUNCED", "SF_ESTABLISHED")
	call("endpoint change id 5 backup")
	call("endpoint change id 6 backup")
	happened("SF_PRIO")
	call("endpoint delete id 5")
	call("endpoint delete id 6")
	happened("SF_CLOSED", "REMOVED")
	p.close()
	call("endpoint flush")
	happened(" CLOSED] ", "LISTENER_CLOSED")
}

var server = regexp.MustCompile(`\[ *(?:CREATED|ESTABLISHED)\].* server_side`)

// asOld writes a line as an older iproute2 does.
func asOld(line string, version [2]int) string {
	if isBefore(version, [2]int{7, 0}) {
		line = regexp.MustCompile(` dev=\S+`).ReplaceAllString(line, "")
	}
	if isBefore(version, [2]int{6, 19}) {
		line = strings.Replace(line, " server_side", " flags=2", 1)
	}
	if isBefore(version, [2]int{6, 2}) {
		line = strings.Replace(line, "[  ", "[", 1)
		line = regexp.MustCompile(`^\[LISTENER_CREATED\].*`).ReplaceAllString(line, "[UNKNOWN 15]")
		line = regexp.MustCompile(`^\[ LISTENER_CLOSED\].*`).ReplaceAllString(line, "[UNKNOWN 16]")
	}
	return line
}

// monitors are those of both programs, in the same namespace.
type monitors struct {
	version            [2]int
	inJSON             bool // this ip can print events as JSON
	ours, ourJSON      *growing
	theirs, theirJSON  *growing
	stopOurs, stopJSON func() result
}

// lastPort is that of the last events.
const lastPort = 9999

func watchBoth(t *testing.T, ns *netns.NS) *monitors {
	t.Helper()
	m := &monitors{version: installedVersion(t, ns)}
	m.inJSON = !isBefore(m.version, [2]int{7, 1})
	m.theirs, _ = watchIP(t, ns, "mptcp", "monitor")
	if m.inJSON {
		m.theirJSON, _ = watchIP(t, ns, "-j", "mptcp", "monitor")
	}
	m.ours, m.stopOurs = watch(t, ns, ipmptcp.Run, "monitor")
	m.ourJSON, m.stopJSON = watch(t, ns, ipmptcp.Run, "-j", "monitor")
	eventually(t, "our monitors have joined", func() bool {
		listenOnce(t, ns, 1)
		return m.ours.String() != "" && len(m.ourJSON.String()) > 1
	})
	return m
}

// seenAll reports whether all have printed the last events.
func (m *monitors) seenAll() bool {
	const last = `"sport":9999}`
	return strings.Count(m.ours.String(), "sport=9999") == 2 && strings.Count(m.ourJSON.String(), last) == 2 &&
		(!m.inJSON || strings.Count(m.theirJSON.String(), last) == 2) &&
		len(script(m.theirs.lines())) == len(script(m.ours.lines()))
}

// TestMonitorLikeIP compares the monitor with ip's, which sees the same.
func TestMonitorLikeIP(t *testing.T) {
	pathmanagertest.Alone(t)
	ns := host(t, nil)
	dial(t, ns)
	if r := run(t, ns, ipmptcp.Run, "limits", "set", "subflows", "8", "add_addr_accepted", "8"); r.code != 0 {
		t.Fatal(r)
	}
	m := watchBoth(t, ns)
	for _, c := range [][3]string{
		{"10.9.0.1:9001", "10.9.0.1:9001", "7001"},
		{"[fd09::1]:9002", "[fd09::1]:9002", "7002"},
		{"[::]:9003", "10.9.0.1:9003", "7003"},
	} {
		play(t, ns, c[0], c[1], c[2], m.ours)
	}
	listenOnce(t, ns, lastPort)
	eventually(t, "all monitors have seen it all", m.seenAll)
	for _, stop := range []func() result{m.stopOurs, m.stopJSON} {
		if r := stop(); r.code != 0 || r.err != "" {
			t.Errorf("the monitor ends with %d %q", r.code, r.err)
		}
	}
	got, want := script(m.ours.lines()), script(m.theirs.lines())
	for i := range want {
		if line := asOld(got[i], m.version); line != want[i] {
			t.Errorf("event %d\n%s, ip prints\n%s", i, line, want[i])
		}
	}
	if len(want) < 3*11 || !server.MatchString(m.ours.String()) {
		t.Errorf("%d events, want 3 times one of each at both ends, one of them the server's:\n%s", len(want), m.ours)
	}
	m.compareJSON(t, len(got))
}

// script leaves out what happened before the script, and the end of the text.
func script(lines []string) []string {
	for i, line := range lines {
		if strings.Contains(line, " CREATED] ") {
			return lines[i : len(lines)-1]
		}
	}
	return nil
}

func (m *monitors) compareJSON(t *testing.T, lines int) {
	t.Helper()
	const first = `{"event":"CREATED"`
	ours := m.ourJSON.String()
	ours = ours[strings.Index(ours, first):]
	var objects []map[string]any
	must(t, json.Unmarshal([]byte("["+ours), &objects))
	if len(objects) != lines {
		t.Errorf("%d objects, want %d", len(objects), lines)
	}
	if !m.inJSON {
		return
	}
	theirs := strings.TrimSuffix(m.theirJSON.String(), "]\n")
	theirs = theirs[max(strings.Index(theirs, first), 0):]
	ours = strings.TrimSuffix(ours, "]\n")
	if diff := cmp.Diff(strings.SplitAfter(theirs, "},"), strings.SplitAfter(ours, "},")); diff != "" {
		t.Errorf("JSON (-ip +ours):\n%s", diff)
	}
}

// TestMonitorHasJoined: whoever has seen the first byte misses nothing.
func TestMonitorHasJoined(t *testing.T) {
	pathmanagertest.Alone(t)
	ns := host(t, nil)
	dial(t, ns)
	out, stop := watch(t, ns, ipmptcp.Run, "-j", "monitor")
	eventually(t, "the array begins", func() bool { return out.String() == "[" })
	listenOnce(t, ns, 1)
	eventually(t, "both events", func() bool { return strings.Count(out.String(), "LISTENER_") == 2 })
	want := `[{"event":"LISTENER_CREATED","saddr4":"10.9.0.3","sport":1},{"event":"LISTENER_CLOSED","saddr4":"10.9.0.3","sport":1}]` + "\n"
	if r := stop(); r.out != want || r.code != 0 || r.err != "" {
		t.Errorf("%+v, want %s", r, want)
	}
}
