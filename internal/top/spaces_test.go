package top_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/lab"
	"allroads/pathmanager"
)

// resident is a process in a host, by which its namespace can be found.
func resident(t *testing.T, host *lab.Host) *lab.Command {
	t.Helper()
	sleep := host.Command("sleep", "1000")
	must(t, sleep.Start())
	t.Cleanup(func() { _ = sleep.Process.Kill(); _ = sleep.Wait() })
	return sleep
}

// TestLost looks into a namespace until it disappears.
func TestLost(t *testing.T) {
	n := newNetwork(t, "[fd01::1]:4321")
	m := sit(t, n.client, 80, 24)
	sleep := resident(t, n.server)
	m.runs(fmt.Sprintf("--interval 200ms -n pid:%d", sleep.Process.Pid))
	m.Shows("1 connection, 1 subflow ", "no events yet")
	_ = sleep.Process.Kill()
	_ = sleep.Wait()
	m.Shows("the network namespace is gone", "0 connections")
	m.Until("nothing keeps it alive", func() bool {
		open, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", m.program()))
		must(t, err)
		return len(open) > 3 && !slices.ContainsFunc(open, keepsNamespace)
	})
	m.Types("q")
	m.restored(0)
	m.Types("clear", "Enter")
	m.Types(program(t)+fmt.Sprintf(" top -n pid:%d; echo code $?", sleep.Process.Pid), "Enter")
	m.Shows("no such file or directory", "code 3\n")
}

// keepsNamespace reports whether an open file is a socket or a namespace.
func keepsNamespace(path string) bool {
	target, _ := os.Readlink(path)
	return strings.HasPrefix(target, "socket:") || strings.HasPrefix(target, "net:") || strings.Contains(target, "/ns/net")
}

// TestEverywhere sees both ends of a connection.
func TestEverywhere(t *testing.T) {
	port := 20000 + rand.IntN(10000)
	n := newNetwork(t, fmt.Sprintf("10.1.0.1:%d", port))
	m := sit(t, n.client, 132, 24)
	sleep := resident(t, n.server)
	m.runs(fmt.Sprintf("--interval 200ms --all-namespaces :%d", port))
	client, err := n.conn.Info()
	must(t, err)
	server, err := n.accepted.Info()
	must(t, err)
	m.Shows("NETNS", fmt.Sprintf("\n          %08x ESTAB", client.Token), fmt.Sprintf("\npid:%d ", sleep.Process.Pid),
		fmt.Sprintf(" %08x ESTAB", server.Token))
	n.join(t, "10.2.0.2")
	m.Types("e")
	m.Shows(fmt.Sprintf("%08x subflow", client.Token), fmt.Sprintf("%08x in pid:%d subflow", server.Token, sleep.Process.Pid))
	must(t, n.pm.SetFlags(t.Context(), pathmanager.Endpoint{ID: 5}, pathmanager.Backup))
	m.Shows("in pid:", "the peer wants it as a backup: subflow 10.1.0.1:")
	m.Types("Escape", "p")
	m.Shows("PROCESS", "top.test ")
	m.Types("q")
	m.restored(0)
}

// TestNoRight: who may not hear events is told so, and sees all the same what
// happens.
func TestNoRight(t *testing.T) {
	if _, err := exec.LookPath("setpriv"); err != nil {
		netnstest.Missing(t, "program setpriv")
	}
	n := newNetwork(t, "10.1.0.1:4321")
	m := sit(t, n.client, 80, 24)
	m.runsAs("setpriv --bounding-set=-all --inh-caps=-all", "--interval 200ms")
	m.Shows("no events (they need CAP_NET_ADMIN): changes are found by comparing looks")
	n.join(t, "10.2.0.2")
	m.Shows("has come: ESTABLISHED")
	m.Types("q")
	m.restored(0)
}

func TestDumb(t *testing.T) {
	n := newNetwork(t, "10.1.0.1:4321")
	m := sit(t, n.client, 100, 24)
	for _, begin := range []string{"TERM=dumb " + program(t) + " top", program(t) + " top </dev/null", program(t) + " top | cat"} {
		m.Types("clear; "+begin, "Enter")
		m.Shows("`allroads conns --watch 1s` needs none")
		if strings.Contains(m.Screen(), "TOKEN") {
			t.Errorf("%s", m.Screen())
		}
	}
}
