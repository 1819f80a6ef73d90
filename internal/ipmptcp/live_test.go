package ipmptcp_test

import (
	"bytes"
	"context"
	"io"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
)

// patience bounds every wait; nothing takes that long.
const patience = 20 * time.Second

// growing is an output that can be read while it is written.
type growing struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (g *growing) Write(b []byte) (int, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.text.Write(b)
}

func (g *growing) String() string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.text.String()
}

// lines are those that are complete.
func (g *growing) lines() []string {
	text := g.String()
	return strings.Split(text[:strings.LastIndexByte(text, '\n')+1], "\n")
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in vain for %v: %s", patience, what)
		}
	}
}

// host makes a namespace whose addresses talk to each other over loopback.
func host(t testing.TB, sysctls map[string]string) *netns.NS {
	t.Helper()
	ns := netnstest.New(t)
	for key, value := range sysctls {
		must(t, ns.SetSysctl(key, value))
	}
	netnstest.Output(t, ns, "ip link set lo up")
	for _, address := range []string{"10.9.0.1/24", "10.9.0.2/24", "10.9.0.3/24", "fd09::1/64 nodad", "fd09::2/64 nodad", "fd09::3/64 nodad"} {
		netnstest.Output(t, ns, "ip address add dev lo "+address)
	}
	return ns
}

// pair is a connection with both ends in one namespace.
type pair struct {
	listener       *mptcp.Listener
	client, server *mptcp.Conn
}

// connect makes a connection that is fully established.
func connect(t testing.TB, ns *netns.NS, at, to string) (p pair) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	must(t, ns.Do(func() (err error) {
		p.listener, err = mptcp.Listen(ctx, netip.MustParseAddrPort(at))
		return err
	}))
	t.Cleanup(func() { p.close() })
	must(t, ns.Do(func() (err error) {
		p.client, err = new(mptcp.Dialer).Dial(ctx, netip.MustParseAddrPort(to))
		return err
	}))
	var err error
	p.server, err = p.listener.Accept()
	must(t, err)
	p.exchange(t)
	return p
}

// exchange sends a byte there and one back.
func (p *pair) exchange(t testing.TB) {
	t.Helper()
	for _, ends := range [][2]*mptcp.Conn{{p.client, p.server}, {p.server, p.client}} {
		must(t, ends[1].SetDeadline(time.Now().Add(patience)))
		_, err := ends[0].Write([]byte{1})
		must(t, err)
		_, err = ends[1].Read(make([]byte, 1))
		must(t, err)
	}
}

func (p *pair) close() {
	for _, conn := range []*mptcp.Conn{p.client, p.server} {
		if conn != nil {
			conn.Close()
		}
	}
	p.listener.Close()
}

// command is ipmptcp.Run or ipmptcp.Command.
type command func(ctx context.Context, args []string, stdout, stderr io.Writer) int

// watch runs a monitor of the package until stop is called, which returns its
// exit code and what it said on standard error.
func watch(t testing.TB, ns *netns.NS, call command, args ...string) (out *growing, stop func() result) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out = new(growing)
	stderr, ended := new(growing), make(chan int, 1)
	go func() {
		_ = ns.Do(func() error {
			ended <- call(ctx, args, out, stderr)
			return nil
		})
	}()
	t.Cleanup(cancel)
	return out, func() result {
		cancel()
		select {
		case code := <-ended:
			return result{out.String(), stderr.String(), code}
		case <-time.After(patience):
			t.Fatalf("%q does not end with its context", args)
			return result{}
		}
	}
}
