package netcat_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"allroads/internal/netcat"
	"allroads/internal/netns/netnstest"
	"allroads/mptcp"
)

// expectPeer holds an error to being the peer's, and to what it says.
func expectPeer(t testing.TB, err error, said string) {
	t.Helper()
	if !errors.As(err, new(*netcat.PeerError)) || !strings.Contains(err.Error(), said) {
		t.Errorf("%T %v, want a PeerError with %q", err, err, said)
	}
}

// expectOwn holds an error to being this system's.
func expectOwn(t testing.TB, err error, said string) {
	t.Helper()
	if err == nil || errors.As(err, new(*netcat.PeerError)) || !strings.Contains(err.Error(), said) {
		t.Errorf("%T %v, want one of this system with %q", err, err, said)
	}
}

var quiet = netcat.Options{Input: strings.NewReader(""), Output: io.Discard}

func TestNoConnection(t *testing.T) {
	p := newPlace(t)
	netnstest.Output(t, p.ns, "ip link add nowhere type veth peer name end")
	netnstest.Output(t, p.ns, "ip addr add 10.9.0.1/24 dev nowhere")
	netnstest.Output(t, p.ns, "ip link set nowhere up")
	netnstest.Output(t, p.ns, "ip link set end up")
	run := func(c netcat.Client) error { return ended(t, p.client(soon(t), c, quiet)) }

	expectPeer(t, run(to(9)), "connect to 127.0.0.1:9: connection refused")
	expectPeer(t, run(netcat.Client{Host: "192.0.2.1", Port: 9}), "connect to 192.0.2.1:9: network is unreachable")
	silent := netcat.Client{Host: "10.9.0.2", Port: 9, Dialer: mptcp.Dialer{Timeout: 50 * time.Millisecond}}
	expectPeer(t, run(silent), "connect to 10.9.0.2:9: no answer within 50ms")
	expectPeer(t, run(netcat.Client{Host: "no-such-name.invalid", Port: 9}), "resolve no-such-name.invalid: ")
	expectPeer(t, run(netcat.Client{Host: "127.0.0.1", Family: netcat.IPv6, Port: 9}), "not an IPv6 address")

	foreign := to(9)
	foreign.From = netip.MustParseAddr("192.0.2.7")
	expectOwn(t, run(foreign), "connect to 127.0.0.1:9 from 192.0.2.7:0: cannot assign requested address")
	other := to(9)
	other.From = netip.MustParseAddr("::1")
	expectOwn(t, run(other), "the source address ::1 is of another family")
	if err := run(netcat.Client{Host: "localhost", Numeric: true, Port: 9}); !errors.Is(err, netcat.ErrNotNumeric) {
		t.Errorf("a name, where only addresses are: %v", err)
	}
}

// TestAllAddresses expects every address to be tried, and every failure told.
func TestAllAddresses(t *testing.T) {
	addresses, err := netcat.Resolve(t.Context(), "localhost", netcat.AnyFamily, false)
	must(t, err)
	if len(addresses) < 2 {
		t.Skip("localhost has one address here")
	}
	p := newPlace(t)
	failed := ended(t, p.client(soon(t), netcat.Client{Host: "localhost", Port: 9}, quiet))
	expectPeer(t, failed, "connect to 127.0.0.1:9: connection refused")
	expectPeer(t, failed, "connect to [::1]:9: connection refused")

	server := p.server(soon(t), netcat.Server{Host: "127.0.0.1", Port: 9000}, quiet)
	finish(t, p.client(soon(t), netcat.Client{Host: "localhost", Port: 9000}, quiet))
	finish(t, server)
}

func TestInUse(t *testing.T) {
	p := newPlace(t)
	ctx, cancel := context.WithCancel(soon(t))
	first := p.server(ctx, netcat.Server{Port: 9000}, quiet)
	expectOwn(t, ended(t, p.server(soon(t), netcat.Server{Port: 9000}, quiet)), "listen on :9000: address already in use")
	cancel()
	if err := ended(t, first); !errors.Is(err, context.Canceled) {
		t.Errorf("a server that is cancelled: %v", err)
	}
}

// rudePeer accepts a connection, reads until it has some bytes and does something
// to it.
func rudePeer(t *testing.T, p *place, port uint16, then func(*net.TCPConn)) {
	t.Helper()
	must(t, p.ns.Do(func() error {
		config := net.ListenConfig{}
		config.SetMultipathTCP(true)
		l, err := config.Listen(t.Context(), "tcp4", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port).String())
		if err != nil {
			return err
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			conn, err := l.Accept()
			if err == nil {
				_, _ = io.ReadFull(conn, make([]byte, 1))
				then(conn.(*net.TCPConn))
			}
		}()
		return nil
	}))
}

func TestReset(t *testing.T) {
	p := newPlace(t)
	rudePeer(t, p, 9000, func(c *net.TCPConn) {
		_, _ = io.WriteString(c, "last words")
		_ = c.SetLinger(0)
		c.Close()
	})
	never, talk, err := os.Pipe()
	must(t, err)
	defer talk.Close()
	_, _ = io.WriteString(talk, "x")
	expectPeer(t, ended(t, p.client(soon(t), to(9000), netcat.Options{Input: never, Output: io.Discard})), "connection reset by peer")
}

// TestUnread has a peer take a part only: not everything was sent.
func TestUnread(t *testing.T) {
	p := newPlace(t)
	rudePeer(t, p, 9000, func(c *net.TCPConn) {
		_, _ = io.WriteString(c, "enough")
		c.Close()
	})
	var got bytes.Buffer
	err := ended(t, p.client(soon(t), to(9000), netcat.Options{Input: bytes.NewReader(noise(1, 50_000_000)), Output: &got}))
	expectPeer(t, err, "127.0.0.1:9000: ")
}

func TestIdle(t *testing.T) {
	p := newPlace(t)
	release := make(chan struct{})
	rudePeer(t, p, 9000, func(*net.TCPConn) { <-release })
	defer close(release)
	idle := netcat.Options{Input: strings.NewReader("x"), Output: io.Discard, Idle: 100 * time.Millisecond}
	err := ended(t, p.client(soon(t), to(9000), idle))
	expectPeer(t, err, "nothing was sent or received for 100ms")
	if !errors.As(err, new(*netcat.IdleError)) {
		t.Errorf("%T", err)
	}
}

// TestSlowIsNotIdle has a peer so slow that a piece takes longer than the time-out
// to be written: what is acknowledged is progress.
func TestSlowIsNotIdle(t *testing.T) {
	p := newPlace(t)
	content := noise(1, 12_000_000)
	var got bytes.Buffer
	done := make(chan struct{})
	rudePeer(t, p, 9000, func(c *net.TCPConn) {
		defer close(done)
		defer c.Close()
		b := make([]byte, 128<<10)
		for {
			n, err := c.Read(b)
			got.Write(b[:n])
			if err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
	slow := netcat.Options{Input: bytes.NewReader(content), Output: io.Discard, Idle: 2 * time.Second}
	finish(t, p.client(soon(t), to(9000), slow))
	<-done
	same(t, "sent", got.Bytes(), content[1:])
}

func TestQuit(t *testing.T) {
	p := newPlace(t)
	release := make(chan struct{})
	rudePeer(t, p, 9000, func(*net.TCPConn) { <-release })
	defer close(release)
	after := 10 * time.Millisecond
	finish(t, p.client(soon(t), to(9000), netcat.Options{Input: strings.NewReader("x"), Output: io.Discard, Quit: &after}))
}

// TestInteractive: a person's input does not hold a connection that the peer has
// ended.
func TestInteractive(t *testing.T) {
	p := newPlace(t)
	never, talk, err := os.Pipe()
	must(t, err)
	defer talk.Close()
	server := p.server(soon(t), netcat.Server{Port: 9000}, netcat.Options{Input: strings.NewReader("bye"), Output: io.Discard})
	finish(t, p.client(soon(t), to(9000), netcat.Options{Input: never, Output: io.Discard, Interactive: true}))
	finish(t, server)
}

// failing is an output of which something is wrong.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestOutputFails(t *testing.T) {
	for said, broken := range map[string]error{"no space left": syscall.ENOSPC, "nobody reads the output": syscall.EPIPE} {
		t.Run(said, func(t *testing.T) {
			p := newPlace(t)
			server := p.server(soon(t), netcat.Server{Port: 9000}, netcat.Options{Input: strings.NewReader("x"), Output: io.Discard})
			never, talk, err := os.Pipe()
			must(t, err)
			defer talk.Close()
			failed := ended(t, p.client(soon(t), to(9000), netcat.Options{Input: never, Output: failing{broken}}))
			expectOwn(t, failed, "write what is received: "+said)
			if errors.Is(failed, netcat.ErrNoReader) != (broken == syscall.EPIPE) {
				t.Errorf("%v", failed)
			}
			_ = ended(t, server)
		})
	}
}

func TestInputFails(t *testing.T) {
	p := newPlace(t)
	folder, err := os.Open(t.TempDir())
	must(t, err)
	defer folder.Close()
	server := p.server(soon(t), netcat.Server{Port: 9000}, quiet)
	expectOwn(t, ended(t, p.client(soon(t), to(9000), netcat.Options{Input: folder, Output: io.Discard})), "read what to send: ")
	_ = ended(t, server)
}

// TestQuitWhileTalking ends soon after its input, though the peer goes on sending,
// which has all of the input by then.
func TestQuitWhileTalking(t *testing.T) {
	for name, ncat := range peers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, content := newPlace(t), noise(8, 3_000_000)
			file := filepath.Join(t.TempDir(), "got")
			peer := p.start(nil, nil, append(ncat, "-l", "9000", "-c", "yes & cat >"+file)...)
			p.listening(9000)
			var got buffer
			after := time.Duration(0)
			finish(t, p.client(soon(t), allowTCP(9000), netcat.Options{Input: bytes.NewReader(content), Output: &got, Quit: &after}))
			eventually(t, "all has come", func() bool {
				info, err := os.Stat(file)
				return err == nil && info.Size() >= int64(len(content)) || peer.ProcessState != nil
			})
			text, err := os.ReadFile(file)
			must(t, err)
			same(t, "sent", text, content)
		})
	}
}
