package pathmanager_test

import (
	"bufio"
	"fmt"
	"maps"
	"net/netip"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
	"allroads/pathmanager"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"
)

// TestEventsAsIPPrintsThem has `ip mptcp monitor` listen beside us.
func TestEventsAsIPPrintsThem(t *testing.T) {
	_, client, server := hosts(t, map[string]string{"net.mptcp.pm_type": "1"})
	sides := map[*side]*monitor{client: startMonitor(t, client), server: startMonitor(t, server)}
	connect(t, client, server, netip.IPv6Unspecified(), netip.MustParseAddrPort(server4[0]+":4004"))
	for _, s := range []*side{client, server} {
		sides[s].same(t, s, pathmanager.Established)
	}
	must(t, server.pm.Announce(t.Context(), server.token, pathmanager.Endpoint{Addr: netip.MustParseAddr(server6[1]), ID: 9}))
	sides[client].same(t, client, pathmanager.Announced)
	local := pathmanager.Endpoint{Addr: netip.MustParseAddr(client4[1]), ID: 10, Flags: pathmanager.Backup}
	must(t,
		client.pm.CreateSubflow(t.Context(), client.token, local, netip.MustParseAddrPort(server4[1]+":4004")),
		client.pm.CreateSubflow(t.Context(), client.token, local, netip.MustParseAddrPort(server4[1]+":4")))
	sides[client].same(t, client, pathmanager.SubflowClosed)
	sides[server].same(t, server, pathmanager.SubflowEstablished)
	must(t, server.pm.Withdraw(t.Context(), server.token, 9))
	sides[client].same(t, client, pathmanager.Removed)
	must(t, client.conn.Close(), server.conn.Close(), server.listener.Close())
	sides[client].same(t, client, pathmanager.Closed)
	sides[server].same(t, server, pathmanager.ListenerClosed)
}

// monitor is a running `ip mptcp monitor`.
type monitor struct{ lines chan string }

// startMonitor returns when the program has joined the group, and leaves out what
// both have heard until then.
func startMonitor(t *testing.T, s *side) *monitor {
	t.Helper()
	cmd := exec.Command(ipProgram(t), "mptcp", "monitor")
	out, terminal, err := pty.Open() // ip 6.1 does not flush lines that go to a pipe.
	must(t, err)
	defer terminal.Close()
	cmd.Stdout = terminal
	must(t, s.host.Run(cmd.Start))
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); out.Close() })
	m := &monitor{lines: make(chan string, 1000)}
	go func() {
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			m.lines <- scanner.Text()
		}
	}()
	for end := time.Now().Add(soon); len(m.lines) == 0; time.Sleep(10 * time.Millisecond) {
		if happen(t, s.host.Run); time.Now().After(end) {
			t.Fatal("ip mptcp monitor does not join")
		}
	}
	marker := &connections{t: t, live: map[pathmanager.Token][2]*mptcp.Conn{}}
	marker.listen(s.host.Run)
	must(t, marker.churn(s.host.Run), marker.listener.Close())
	for closed := 0; closed < 2; {
		if s.heard.next(t).Type == pathmanager.Closed {
			closed++
		}
	}
	for closed := 0; closed < 2; {
		if fields(m.next(t))["event"] == "CLOSED" {
			closed++
		}
	}
	return m
}

// ipProgram also looks where an ordinary user's PATH may not lead.
func ipProgram(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"ip", "/usr/sbin/ip", "/sbin/ip"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	netnstest.Missing(t, "program ip")
	return ""
}

func (m *monitor) next(t *testing.T) string {
	t.Helper()
	select {
	case line := <-m.lines:
		return line
	case <-time.After(soon):
		t.Fatal("ip mptcp monitor prints no more")
		return ""
	}
}

// same compares what both have heard, up to the first event of a type.
func (m *monitor) same(t *testing.T, s *side, last pathmanager.EventType) {
	t.Helper()
	for {
		event, line := s.heard.next(t), m.next(t)
		theirs, ours := fields(line), printed(event)
		if strings.Contains(line, "UNKNOWN") { // ip 6.1 says no more of listening sockets.
			ours = map[string]string{"event": ours["event"]}
		}
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Errorf("event %+v at %s, which ip prints as %s\n(-ip +ours):\n%s", event, s.host.Name, line, diff)
		}
		if event.Type == last {
			return
		}
	}
}

// eventName is what stands in brackets.
var eventName = regexp.MustCompile(`^\[ *(.*?)\] *`)

// fields reads a line of ip, without the words that only some versions print.
func fields(line string) map[string]string {
	name := eventName.FindStringSubmatch(line)
	all := map[string]string{"event": strings.NewReplacer("UNKNOWN 15", "LISTENER_CREATED", "UNKNOWN 16", "LISTENER_CLOSED").Replace(name[1])}
	for _, word := range strings.Fields(line[len(name[0]):]) {
		key, value, _ := strings.Cut(word, "=")
		all[key] = value
	}
	maps.DeleteFunc(all, func(key, _ string) bool {
		return key == "server_side" || key == "deny_join_id0" || key == "flags" || key == "dev"
	})
	return all
}

// printed is an event as ip prints it.
func printed(e pathmanager.Event) map[string]string {
	all := map[string]string{"event": e.Type.String()}
	if e.Token != 0 {
		all["token"] = e.Token.String()
	}
	put(all, "locid", e.LocalID)
	put(all, "remid", e.RemoteID)
	put(all, "sport", e.SourcePort)
	put(all, "dport", e.DestinationPort)
	put(all, "error", e.Error)
	put(all, "timeout", e.Timeout)
	put(all, "ifindex", e.IfIndex)
	put(all, "reset_reason", e.ResetReason)
	if e.Backup != nil {
		all["backup"] = map[bool]string{false: "0", true: "1"}[*e.Backup]
	}
	for key, addr := range map[string]netip.Addr{"saddr": e.Source, "daddr": e.Destination} {
		if addr.Is4() {
			all[key+"4"] = addr.String()
		} else if addr.IsValid() {
			all[key+"6"] = addr.String()
		}
	}
	return all
}

func put[T any](all map[string]string, key string, value *T) {
	if value != nil {
		all[key] = fmt.Sprint(*value)
	}
}
