package netcat_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netcat"
	"allroads/internal/netns/netnstest"
	"allroads/lab"
	"allroads/mptcp"
)

// oneLink is two hosts, a and b at 10.1.0.2, with a link that can lose all.
func oneLink(t *testing.T) *lab.Lab {
	t.Helper()
	return lab.Start(t, lab.Value(&lab.Topology{
		Name:  "vanish",
		Hosts: []lab.HostConfig{{Name: "a"}, {Name: "b"}},
		Links: []lab.LinkConfig{{Name: "ab", Impairment: lab.Impairment{Delay: time.Millisecond}, Ends: []lab.EndConfig{
			{Host: "a", Interface: "to-b", Addresses: []netip.Prefix{netip.MustParsePrefix("10.1.0.1/24")}},
			{Host: "b", Interface: "to-a", Addresses: []netip.Prefix{netip.MustParsePrefix("10.1.0.2/24")}},
		}}},
	}))
}

// briefly is the keep-alive that finds out soonest.
var briefly = net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1}

// TestVanish takes the link away under connections of either kind: keep-alive finds
// out, and a program that reads nothing is ended with its connection.
func TestVanish(t *testing.T) {
	network := oneLink(t)
	never, talk, err := os.Pipe()
	must(t, err)
	defer talk.Close()
	sleeping := map[string]netcat.Options{"copied": {Input: never, Output: io.Discard}}
	for way, o := range ways {
		sleeping[way] = o
	}
	var all []*vanishing
	for way, o := range sleeping {
		for kind, ncat := range peers {
			v := &vanishing{t: t, network: network, name: way + "-" + kind, port: uint16(9000 + len(all)), o: o}
			v.begin(way != "copied", ncat)
			all = append(all, v)
		}
	}
	must(t, network.Link("ab").Set(lab.Impairment{Loss: lossOfAll(t)}))
	for _, v := range all {
		v.expectEnd()
	}
}

// vanishing is a connection whose peer will vanish.
type vanishing struct {
	t       *testing.T
	network *lab.Lab
	name    string
	port    uint16
	o       netcat.Options
	pid     string // the file with that of the program
	server  <-chan error
}

func (v *vanishing) begin(program bool, ncat []string) {
	v.t.Helper()
	n, listens := &notes{}, make(chan struct{})
	v.o.Observer, v.o.NoPath = n.observer(), 200*time.Millisecond
	v.o.Observer.Listening = func(netip.AddrPort, mptcp.Kind) { close(listens) }
	if program {
		v.pid = filepath.Join(v.t.TempDir(), "pid")
		v.o.Program = netcat.Shell("echo $$ >" + v.pid + "; echo up; exec sleep 1000")
	}
	v.server = inHost(v.network.Host("b"), func() error {
		return (&netcat.Server{Host: "10.1.0.2", Port: v.port, KeepAlive: briefly}).Run(soon(v.t), &v.o)
	})
	<-listens
	var said buffer
	v.ncat(ncat, &said)
	eventually(v.t, "connected", func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return len(n.connected) > 0 && (!program || said.String() == "up\n")
	})
}

// ncat connects one, until the test ends.
func (v *vanishing) ncat(ncat []string, output *buffer) {
	v.t.Helper()
	hold, talk, err := os.Pipe()
	must(v.t, err)
	cmd := v.network.Host("a").Command(ncat[0], append(ncat[1:len(ncat):len(ncat)], "10.1.0.2", strconv.Itoa(int(v.port)))...)
	cmd.Stdin, cmd.Stdout, cmd.WaitDelay = hold, output, time.Second
	if err := cmd.Start(); err != nil {
		netnstest.Missing(v.t, "program "+ncat[0])
	}
	v.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); hold.Close(); talk.Close() })
}

func (v *vanishing) expectEnd() {
	v.t.Helper()
	said := "no path is left, for 200ms"
	err := ended(v.t, v.server)
	if errors.Is(err, syscall.ETIMEDOUT) && strings.HasSuffix(v.name, "-tcp") {
		said = "connection timed out" // Who reads from TCP is told so.
	}
	if !errors.As(err, new(*netcat.PeerError)) || !strings.Contains(err.Error(), said) {
		v.t.Errorf("%s: %v", v.name, err)
	}
	if v.pid != "" {
		expectGone(v.t, v.pid)
	}
}

// expectGone expects the process to be gone that has written its number to a file.
func expectGone(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	must(t, err)
	eventually(t, "the program is gone", func() bool { return !runs(pid) })
}

// TestKeepAliveUnread has both ends say all, which ends the subflows, before what
// came is read: it is not taken for a connection without a path.
func TestKeepAliveUnread(t *testing.T) {
	p, content := newPlace(t), noise(7, 600_000)
	server := p.server(soon(t), netcat.Server{Port: 9000}, netcat.Options{Input: bytes.NewReader(content), Output: io.Discard})
	slow := &stopping{until: make(chan struct{})}
	const noPath = 40 * time.Millisecond
	client := p.client(soon(t), to(9000), netcat.Options{Input: strings.NewReader("x"), Output: slow, NoPath: noPath})
	finish(t, server)
	time.Sleep(10 * noPath)
	close(slow.until)
	finish(t, client)
	same(t, "received", []byte(slow.String()), content)
}

// stopping is a buffer that takes its first bytes late.
type stopping struct {
	buffer
	until chan struct{}
}

func (s *stopping) Write(b []byte) (int, error) {
	<-s.until
	return s.buffer.Write(b)
}

func lossOfAll(t *testing.T) (p lab.Percent) {
	t.Helper()
	must(t, p.UnmarshalText([]byte("100%")))
	return p
}

func inHost(h *lab.Host, fn func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- h.Run(fn) }()
	return done
}

// retried connects until the server is there.
func retried(connect func() error) error {
	for {
		err := connect()
		if !errors.Is(err, syscall.ECONNREFUSED) {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}
