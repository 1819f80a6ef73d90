package ipmptcp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"allroads/internal/ipmptcp"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
	"allroads/pathmanager/pathmanagertest"
)

// TestNetNS: a namespace by name, by path and by a process in it, where options
// stand in front of the object or behind it.
func TestNetNS(t *testing.T) {
	if !isolated(t) {
		return
	}
	ns, elsewhere := host(t, nil), netnstest.New(t)
	dial(t, ns)
	publish(t, ns, "red")
	if r := run(t, ns, ipmptcp.Run, "endpoint", "add", "10.9.0.2", "id", "5", "dev", "lo"); r.code != 0 {
		t.Fatal(r)
	}
	const want = "10.9.0.2 id 5 dev lo \n"
	for _, name := range []string{"red", "/run/netns/red", fmt.Sprintf("/proc/self/fd/%d", ns.Fd()), holder(t, ns)} {
		for _, args := range [][]string{
			{"-n", name, "endpoint", "show"}, {"-netns", name, "endpoint", "show", "id", "5"},
		} {
			if got := run(t, elsewhere, ipmptcp.Run, args...); got != (result{out: want}) {
				t.Errorf("%q: %+v", args, got)
			}
		}
		args := []string{"endpoint", "show", "-n", name, "id", "5"}
		if got := run(t, elsewhere, ipmptcp.Command, args...); got != (result{out: want}) {
			t.Errorf("%q: %+v", args, got)
		}
	}
}

// holder starts a process in the namespace and returns its name for -n.
func holder(t *testing.T, ns *netns.NS) string {
	t.Helper()
	cmd := exec.Command("cat")
	stdin, err := cmd.StdinPipe()
	must(t, err)
	must(t, ns.Do(cmd.Start))
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	return fmt.Sprintf("pid:%d", cmd.Process.Pid)
}

// TestNetNSRefused: what cannot be entered is told as ip does, with exit code 255.
func TestNetNSRefused(t *testing.T) {
	ns := netnstest.New(t)
	for name, want := range map[string]string{
		"nope":          `Cannot open network namespace "nope": No such file or directory`,
		"pid:x":         `Cannot open network namespace "pid:x": No such file or directory`,
		"pid:../1":      `Cannot open network namespace "pid:../1": No such file or directory`,
		"pid:999999999": `Cannot open network namespace "pid:999999999": No such file or directory`,
		"/dev/null":     `setting the network namespace "/dev/null" failed: Invalid argument`,
	} {
		if got := run(t, ns, ipmptcp.Run, "-n", name, "endpoint"); got != (result{err: want + "\n", code: 255}) {
			t.Errorf("-n %s: %+v, want %s", name, got, want)
		}
	}
	if got := run(t, ns, ipmptcp.Run, "-n"); got.code != 255 || got.err == "" {
		t.Errorf("-n without a name: %+v", got)
	}
}

// TestAllNamespaces watches from one namespace what happens in three: one that
// has a name and an id here, one with an id alone, and the own one.
func TestAllNamespaces(t *testing.T) {
	if !isolated(t) {
		return
	}
	pathmanagertest.Alone(t)
	own, red, blue := host(t, nil), host(t, nil), host(t, nil)
	dial(t, own)
	publish(t, red, "red")
	must(t, blue.Publish("blue"))
	netnstest.Output(t, own, "ip netns set red 7")
	netnstest.Output(t, own, "ip netns set blue 8")
	must(t, netns.Unpublish("blue"))
	text, stopText := watch(t, own, ipmptcp.Command, "monitor", "--all-namespaces", "--filter", "event=listener-created")
	lines, stopLines := watch(t, own, ipmptcp.Command, "--json", "monitor", "--all-namespaces")
	eventually(t, "the monitors have joined", func() bool {
		listenOnce(t, own, 1)
		return text.String() != "" && lines.String() != ""
	})
	var listeners []*mptcp.Listener
	for i, ns := range []*netns.NS{red, blue, own} {
		must(t, ns.Do(func() error {
			l, err := mptcp.Listen(context.Background(), netip.AddrPortFrom(netip.MustParseAddr("10.9.0.1"), uint16(9000+i)))
			listeners = append(listeners, l)
			return err
		}))
	}
	eventually(t, "the last event", func() bool {
		return strings.Contains(text.String(), "sport=9002") && strings.Contains(lines.String(), ":9002")
	})
	for _, l := range listeners {
		l.Close()
	}
	printed, documents := stopText(), stopLines()
	for _, want := range []string{
		"[LISTENER_CREATED] saddr4=10.9.0.1 sport=9000 netns=red\n",
		"[LISTENER_CREATED] saddr4=10.9.0.1 sport=9001 nsid=8\n",
		"[LISTENER_CREATED] saddr4=10.9.0.1 sport=9002\n",
	} {
		if !strings.Contains(printed.out, want) || printed.code != 0 {
			t.Errorf("%+v lacks %q", printed, want)
		}
	}
	isTold(t, documents.out)
}

// isTold checks where the events of the three ports are said to be from.
func isTold(t *testing.T, documents string) {
	t.Helper()
	type origin struct {
		name string
		nsid int
	}
	want := map[int]origin{9000: {"red", 7}, 9001: {"", 8}, 9002: {"", -1}}
	for line := range strings.Lines(documents) {
		e := struct {
			NetNS string
			NSID  int
			Port  int `json:"source_port"`
		}{NSID: -1}
		must(t, json.Unmarshal([]byte(line), &e))
		if at, asked := want[e.Port]; asked && at != (origin{e.NetNS, e.NSID}) {
			t.Errorf("%s, want %+v", line, at)
		} else if asked {
			delete(want, e.Port)
		}
	}
	if len(want) > 0 {
		t.Errorf("nothing of %v:\n%s", want, documents)
	}
}
