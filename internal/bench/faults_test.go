package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"testing"
	"time"

	"allroads/lab"

	"golang.org/x/sys/unix"
)

// says holds an error to a text.
func says(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that says %q", err, want)
	}
}

// free waits until the server takes another test.
func (n *network) free() {
	n.t.Helper()
	n.measure(func(o *Options) { o.Wait, o.Params.Duration = patience, 50*time.Millisecond })
}

func (n *network) end() ended {
	n.t.Helper()
	select {
	case e := <-n.ended:
		return e
	case <-time.After(patience):
		n.t.Fatal("the test does not end at the server")
		panic("unreachable")
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t, 20e6, 20e6), &Server{})
	began := make(chan struct{})
	first := make(chan error, 1)
	go func() {
		_, err := n.run(t.Context(), n.options(func(o *Options) {
			o.Observer.Connected = func([]Connection) { close(began) }
		}))
		first <- err
	}()
	<-began
	_, err := n.run(t.Context(), n.options(nil))
	says(t, err, "it refuses: it is busy with a test of 10.0.0.2")
	n.free() // Who waits gets a turn.
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// TestVanished has a client go without a word: by being cut off, or killed.
func TestVanished(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t, 20e6, 20e6), &Server{Timeout: time.Second})
	for _, how := range []string{"killed", "cut off"} {
		client := n.client(n.options(func(o *Options) { o.Params.Duration = time.Minute }))
		time.Sleep(300 * time.Millisecond)
		if how == "cut off" {
			_ = n.lab.Link("red").Down()
			_ = n.lab.Link("blue").Down()
		}
		if how == "killed" {
			_ = client.Process.Kill()
		}
		e := n.end()
		if e.err == nil || e.session.Report == nil {
			t.Errorf("%s: %v", how, e.err)
		}
		if bytes, _ := e.session.Received(); bytes == 0 {
			t.Errorf("%s: nothing received", how)
		}
		_ = client.Process.Kill()
		_ = client.Wait()
		_ = n.lab.Link("red").Up()
		_ = n.lab.Link("blue").Up()
		n.free()
		n.end()
	}
}

// client starts a client in a process of its own, which connects.
func (n *network) client(o Options) *lab.Command {
	n.t.Helper()
	cmd := n.lab.Host("client").Command("/proc/self/exe")
	cmd.Env = append(cmd.Environ(), roleVariable+"="+roleOf(n.t, &o))
	out, err := cmd.StdoutPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		n.t.Fatalf("the client says %q: %v", line, err)
	}
	return cmd
}

// TestInterrupted ends either end's context: the client has what there was.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t, 20e6, 20e6), &Server{})
	why := errors.New("enough")
	for _, d := range []Direction{Upload, Download, Both} {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(400*time.Millisecond, func() { cancel(why) })
		r, err := n.run(ctx, n.options(func(o *Options) { o.Params.Direction, o.Params.Duration = d, time.Minute }))
		if !errors.Is(err, why) || r == nil || r.Complete || len(r.Errors) == 0 {
			t.Fatalf("%s: result %+v, %v; the server says %v", d, r, err, n.end().err)
		}
		for _, f := range []*Flow{r.Upload, r.Download} {
			if f != nil && (f.Bytes == nil || *f.Bytes == 0 || *f.Lasted > 10*time.Second) {
				t.Errorf("%s: flow %+v", d, f)
			}
		}
		if e := n.end(); e.err != nil {
			t.Errorf("%s: the server says %v", d, e.err)
		}
	}
}

func TestServerInterrupted(t *testing.T) {
	t.Parallel()
	server := &Server{}
	n := serve(t, twoPaths(t, 20e6, 20e6), server)
	time.AfterFunc(700*time.Millisecond, n.stop)
	r, err := n.run(t.Context(), n.options(func(o *Options) { o.Params.Duration = time.Minute }))
	says(t, err, "the server was interrupted")
	if r == nil || r.Complete || r.Upload.Bytes == nil || *r.Upload.Bytes == 0 {
		t.Fatalf("result %+v", r)
	}
}

// TestServerKilled has it go without a word: what this end knows is told.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	topology := twoPaths(t, 20e6, 20e6)
	n := &network{t: t, lab: lab.Start(t, lab.Value(topology)), server: netip.MustParseAddrPort("10.0.0.1:8684")}
	server := processes(t, n)
	time.AfterFunc(700*time.Millisecond, func() { _ = server.Process.Kill() })
	r, err := n.run(t.Context(), n.options(func(o *Options) { o.Params.Direction, o.Params.Duration = Both, time.Minute }))
	if err == nil || r == nil || r.Complete {
		t.Fatalf("result %+v, %v", r, err)
	}
	if r.Upload.Bytes != nil || len(r.Upload.Subflows) == 0 || *r.Download.Bytes == 0 {
		t.Errorf("upload %+v, download %+v", r.Upload, r.Download)
	}
	_, err = n.run(t.Context(), n.options(nil))
	if !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("error %v, want connection refused", err)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t), &Server{})
	for host, want := range map[string]string{
		"192.0.2.1":             "connect to 192.0.2.1:8684: connect: network is unreachable",
		"no-such-host.invalid.": "find no-such-host.invalid.: ",
		"10.0.0.77":             "connect to 10.0.0.77:8684: ",
	} {
		_, err := n.run(t.Context(), n.options(func(o *Options) { o.Host, o.Timeout = host, 200*time.Millisecond }))
		says(t, err, want)
	}
}

// listen listens at the server's host with what answers in another way.
func (n *network) listen(port int, answer func(net.Conn)) {
	n.t.Helper()
	l, err := n.lab.Host("server").Listen(n.t.Context(), "tcp", fmt.Sprintf("10.0.0.1:%d", port))
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer conn.Close(); answer(conn) }()
		}
	}()
}

// TestWrongServers meets servers of something else, and of another version.
func TestWrongServers(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t), &Server{})
	text := func(s string) func(net.Conn) {
		return func(c net.Conn) { _, _ = io.WriteString(c, s); _, _ = io.Copy(io.Discard, c) }
	}
	for i, test := range []struct {
		answer func(net.Conn)
		want   string
	}{
		{text("HTTP/1.1 400 Bad Request\r\n\r\n"), "no allroads bench: it speaks http"},
		{text("SSH-2.0-OpenSSH_9.2\r\n"), "it speaks ssh"},
		{text("\x09"), "it speaks iperf3"},
		{text("\x00\x01\x02\x03"), `it began with "\x00\x01\x02\x03"`},
		{text("arbe"), "no answer: is it an allroads bench server?"},
		{text("arbench\x63"), "version 99 of the protocol, this one version 1"},
		{text("arbench\x01\xff\xff\xff\xff"), "a message of 4294967295 bytes"},
		{text("arbench\x01\x00\x00\x00\x02{}"), `it sent a "" out of turn`},
		{text("arbench\x01\x00\x00\x00\x02no"), "a message that is not understood"},
		{func(net.Conn) {}, "it closes the connection"},
	} {
		n.listen(9000+i, test.answer)
		_, err := n.run(t.Context(), n.options(func(o *Options) { o.Port, o.Timeout = uint16(9000+i), 700*time.Millisecond }))
		if err != nil && errors.Is(err, unix.ECONNRESET) && i == 9 {
			continue // It closed with our words unread.
		}
		says(t, err, test.want)
	}
}

func TestIperfServer(t *testing.T) {
	t.Parallel()
	requireIperf(t)
	n := serve(t, twoPaths(t), &Server{})
	server := n.startIperf()
	defer func() { _ = server.Process.Kill(); _ = server.Wait() }()
	_, err := n.run(t.Context(), n.options(func(o *Options) { o.Port = 5201 }))
	says(t, err, "it speaks iperf3")
}

// TestWrongClients has clients of something else come.
func TestWrongClients(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t), &Server{})
	for text, want := range map[string]string{
		"GET / HTTP/1.0\r\n\r\n":                       "it speaks http",
		"\x16\x03\x01\x02\x00\x01\x00":                 "it speaks tls",
		"abcdefghijklmnopqrstuvwxyz234567abcd\x00":     "it speaks iperf3",
		"arbench\x07":                                  "version 7",
		"arbench\x01\x00\x00\xff\xff":                  "a message of 65535 bytes",
		"arbench\x01\x00\x00\x00\x04\"go\"":            "not understood",
		"arbench\x01\x00\x00\x00\x0d{\"type\":\"go\"}": `"go" is not what a test begins with`,
	} {
		conn, err := n.lab.Host("client").Dial(t.Context(), "tcp", n.server.String())
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		_, _ = io.WriteString(conn, text)
		answer, _ := io.ReadAll(conn)
		conn.Close()
		if strings.HasPrefix(text, "GET") && !strings.Contains(string(answer), "allroads bench server") {
			t.Errorf("a browser gets %q", answer)
		}
		if !n.hasRefused(want) {
			t.Errorf("%q: the server says %v, want %s", text, n.refusals(), want)
		}
	}
	if _, err := exec.LookPath("iperf3"); err == nil {
		_ = n.lab.Host("client").Command("iperf3", "-c", "10.0.0.1", "-p", "8684", "-t", "1", "--connect-timeout", "500").Run()
		if !n.hasRefused("it speaks iperf3") {
			t.Errorf("iperf3: the server says %v", n.refusals())
		}
	}
	n.free()
}

// TestFallback measures where SYN/ACKs lose their options: plain TCP is named, has
// its counts, and is an error where it must not be.
func TestFallback(t *testing.T) {
	t.Parallel()
	topology, err := lab.Load("../../examples/strip-syn-ack.yaml")
	if err != nil {
		t.Fatal(err)
	}
	n := serve(t, topology, &Server{})
	r := n.measure(func(o *Options) { o.Subflows, o.RequireMPTCP, o.Params.Bytes = 0, false, 1e6 })
	if c := r.Connections[0]; c.MPTCP || !strings.HasPrefix(c.Status, "fell back to tcp") {
		t.Errorf("connection %+v", c)
	}
	if s := r.Upload.Subflows; len(s) != 1 || s[0].Received == nil || *s[0].Received != 1e6 || *s[0].Sent < 1e6 {
		t.Errorf("subflows %+v", s)
	}
	_, err = n.run(t.Context(), n.options(nil))
	says(t, err, "connection 1 is not mptcp, which it has to be: fell back to tcp")
}

// TestNothingArrives cuts both paths as soon as the connections are there: that
// nothing came is said, after the time that the test was to take.
func TestNothingArrives(t *testing.T) {
	t.Parallel()
	n := serve(t, twoPaths(t, 20e6, 20e6), &Server{Timeout: time.Second})
	o := n.options(func(o *Options) {
		o.Params.Direction, o.Params.Duration, o.Timeout = Download, 200*time.Millisecond, time.Second
		o.Observer.Connected = func([]Connection) {
			_ = n.lab.Link("red").Down()
			_ = n.lab.Link("blue").Down()
		}
	})
	r, err := n.run(t.Context(), o)
	if err == nil || r == nil || *r.Download.Bytes != 0 || r.Download.Goodput != nil || len(r.Verdicts) > 0 {
		t.Errorf("result %+v, %v", r, err)
	}
}

// TestOneConnectionFails goes on with the others.
func TestOneConnectionFails(t *testing.T) {
	p := newParty(&Params{}, []*stream{{index: 0}, {index: 1}}, true)
	p.failed(p.streams[0], "send", io.EOF)
	p.failed(p.streams[0], "receive", unix.ECONNRESET)
	select {
	case <-p.broken:
		t.Fatal("broken with a connection left")
	default:
	}
	p.failed(p.streams[1], "send", unix.EPIPE)
	<-p.broken
	says(t, p.streams[0].failure(), "send on connection 1: the other end has closed the connection")
}
