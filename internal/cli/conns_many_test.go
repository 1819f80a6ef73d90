package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/lab"
	"allroads/mptcp"
)

// manyLab is a host of which one end is the other's peer, so that all connections
// are there twice, with two subflows each.
const manyLab = `
name: many
hosts:
  - name: client
    sysctls: {net.ipv4.ip_local_port_range: 9000 65535, net.core.somaxconn: 8192}
    mptcp: {limits: {subflows: 2}, endpoints: [{address: 10.0.2.1, id: 5, flags: [subflow]}]}
  - name: server
links:
  - {name: red, ends: [{host: client, addresses: [10.0.1.1/24]}, {host: server, addresses: [10.0.1.2/24]}]}
  - {name: blue, ends: [{host: client, addresses: [10.0.2.1/24]}, {host: server, addresses: [10.0.2.2/24]}]}
`

// many fills the client with connections to itself.
func (l *connsLab) many(t testing.TB, connections int) {
	t.Helper()
	var limit syscall.Rlimit
	_ = syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	each := min(int(limit.Max)/2-500, connections)
	for port := 8000; connections > 0; port++ {
		n := min(each, connections)
		l.fill(t, port, n)
		connections -= n
	}
}

// fill has another process, which may open as many files as this one, hold
// connections.
func (l *connsLab) fill(t testing.TB, port, connections int) {
	t.Helper()
	cmd := l.role("fill", strconv.Itoa(port), strconv.Itoa(connections))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "full\n" {
		t.Fatalf("%q, %v", line, err)
	}
}

// roleVariable makes this test program do something else for a test, in a process
// of its own.
const roleVariable = "ALLROADS_CLI_TEST_ROLE"

func (l *connsLab) role(name string, args ...string) *lab.Command {
	cmd := l.Host("client").Command(l.path, args...)
	cmd.Env, cmd.Stderr = append(os.Environ(), roleVariable+"="+name), os.Stderr
	return cmd
}

func init() {
	role := os.Getenv(roleVariable)
	os.Unsetenv(roleVariable)
	var err error
	switch role {
	case "":
		return
	case "fill":
		err = fillUp(os.Args[1], os.Args[2])
	case "measure":
		err = measure(os.Args[1:])
	case "without-diag":
		err = withoutDiag(os.Args)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// fillUp makes connections from this host to itself, and holds them until it is
// killed. Data in both directions lets the path manager begin.
func fillUp(port, connections string) error {
	n, err := strconv.Atoi(connections)
	if err != nil {
		return err
	}
	listener, err := mptcp.Listen(context.Background(), netip.MustParseAddrPort("10.0.1.1:"+port))
	if err != nil {
		return err
	}
	var held []*mptcp.Conn
	for range n {
		client, err := new(mptcp.Dialer).Dial(context.Background(), listener.AddrPort())
		if err != nil {
			return err
		}
		server, err := listener.Accept()
		if err != nil {
			return err
		}
		for _, ends := range [][2]*mptcp.Conn{{client, server}, {server, client}} {
			if _, err := ends[0].Write(make([]byte, 100)); err != nil {
				return err
			}
			if _, err := ends[1].Read(make([]byte, 100)); err != nil {
				return err
			}
		}
		held = append(held, client, server)
	}
	fmt.Println("full")
	time.Sleep(time.Hour)
	runtime.KeepAlive(held)
	return nil
}

// measured is what a program took.
type measured struct {
	Wall time.Duration
	Peak int64 // memory, bytes
}

// measure runs a program without its output. It is small itself: the kernel counts
// the memory of who starts a program as the program's.
func measure(command []string) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return err
	}
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	return json.NewEncoder(os.Stdout).Encode(measured{time.Since(begin), int64(peak) << 10})
}

func (l *connsLab) measured(t testing.TB, command ...string) (m measured) {
	t.Helper()
	path, err := exec.LookPath(command[0])
	if err != nil {
		t.Skip(err)
	}
	out, err := l.role("measure", append([]string{path}, command[1:]...)...).Output()
	if err == nil {
		err = json.Unmarshal(out, &m)
	}
	if err != nil {
		t.Fatalf("%q: %v: %s", command, err, out)
	}
	return m
}

// TestConnsMany: 10,000 ends of connections, all of them there, in little memory.
func TestConnsMany(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds to make them")
	}
	if os.Geteuid() != 0 {
		t.Skip("as root, once")
	}
	const ends = 10_000
	l := buildLab(t, manyLab)
	l.many(t, ends/2)
	eventually(t, "all subflows", func() bool { return l.subflows("client") == 2*ends })
	shown := l.read("client")
	tokens := map[string]bool{}
	for _, c := range shown.Connections {
		tokens[c.Token] = true
	}
	if len(tokens) != ends || len(shown.Connections) != ends {
		t.Errorf("%d connections with %d tokens", len(shown.Connections), len(tokens))
	}
	if text := l.ok("client"); strings.Count(text, "\n") != 3*ends || strings.Count(text, "\n  ") != 2*ends {
		t.Errorf("%d lines of text", strings.Count(text, "\n"))
	}
	if m := l.measured(t, l.path, "conns", "--json"); m.Peak > 64e6 {
		t.Errorf("--json takes %d bytes of memory", m.Peak)
	}
	out, err := l.Host("client").Command("sh", "-c", l.path+` conns | head -1; `+l.path+` conns --json | head -1`).CombinedOutput()
	if err != nil || strings.Count(string(out), "\n") != 2 || !strings.HasPrefix(string(out), "ESTABLISHED") {
		t.Errorf("a pipe that is closed early: %v: %s", err, out)
	}
}

// BenchmarkConns sets conns --json against ss -Mni and ss -tni, on as many ends of
// connections with two subflows as ALLROADS_BENCH_CONNS says besides.
func BenchmarkConns(b *testing.B) {
	if privileged, err := netns.Privileged(); err != nil || !privileged {
		b.Skip("as root")
	}
	sizes := []int{200, 2000}
	if n, err := strconv.Atoi(os.Getenv("ALLROADS_BENCH_CONNS")); err == nil {
		sizes = append(sizes, n)
	}
	for _, ends := range sizes {
		b.Run(strconv.Itoa(ends), func(b *testing.B) {
			l := buildLab(b, manyLab)
			l.many(b, ends/2)
			l.measured(b, l.path, "conns", "--json") // A first one finds the program's pages.
			var ours, theirs time.Duration
			var peak int64
			for b.Loop() {
				m := l.measured(b, l.path, "conns", "--json")
				theirs += l.measured(b, "ss", "-Mni").Wall + l.measured(b, "ss", "-tni").Wall
				ours += m.Wall
				peak = max(peak, m.Peak)
			}
			b.ReportMetric(float64(ours)/float64(theirs), "of-ss")
			b.ReportMetric(float64(ours.Microseconds())/float64(b.N)/float64(ends), "µs/conn")
			b.ReportMetric(float64(peak)/1e6, "peak-MB")
			b.ReportMetric(0, "ns/op")
		})
	}
}
