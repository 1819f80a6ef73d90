package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/lab"
	"allroads/mptcp"
)

// asEachRoot runs a test that builds labs in its own process: as root, and as an
// ordinary user who is root of a user namespace, where root runs the tests; else
// as whoever does.
func asEachRoot(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	privileged, err := netns.Privileged()
	must(t, err)
	switch {
	case netns.Inside():
		test(t)
	case !privileged:
		again(t, &exec.Cmd{SysProcAttr: &syscall.SysProcAttr{}}, netns.StartAsRoot)
	default:
		t.Run("root", func(t *testing.T) {
			t.Parallel()
			test(t)
		})
		t.Run("user", func(t *testing.T) {
			t.Parallel()
			attributes := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
			again(t, &exec.Cmd{SysProcAttr: attributes}, (*exec.Cmd).Start)
		})
	}
}

// again runs the calling test in another process.
func again(t *testing.T, cmd *exec.Cmd, start func(*exec.Cmd) error) {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	var out bytes.Buffer
	cmd.Path, cmd.Dir = filepath.Join(filepath.Dir(program(t)), "again"), "/" // not one of testscript's commands
	must(t, os.Rename(filepath.Join(filepath.Dir(cmd.Path), "allroads"), cmd.Path))
	cmd.Args = []string{os.Args[0], "-test.v", "-test.run=^" + regexp.QuoteMeta(name) + "$"}
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	runtime.LockOSThread() // The signal comes when the thread ends that has started it.
	defer runtime.UnlockOSThread()
	if err := start(cmd); err != nil {
		netnstest.Missing(t, "another process with rights: "+err.Error())
	}
	err := cmd.Wait()
	switch {
	case bytes.Contains(out.Bytes(), []byte("--- SKIP: "+name+" ")):
		t.Skipf("%s", &out)
	case err != nil || !bytes.Contains(out.Bytes(), []byte("--- PASS: "+name+" ")):
		t.Fatalf("%v\n%s", err, &out)
	}
}

// twoPaths is a client and a server, joined by two links, which the path manager
// uses if there is an endpoint for the second.
const twoPaths = `
name: conns
hosts:
  - name: client
    mptcp: {limits: {subflows: 3, add_addr_accepted: 3}, endpoints: [%s]}
  - name: server
    mptcp: {limits: {subflows: 3, add_addr_accepted: 3}, endpoints: [%s]}
links:
  - {name: red, ends: [{host: client, addresses: [10.0.1.1/24]}, {host: server, addresses: [10.0.1.2/24]}], middlebox: [%s]}
  - {name: blue, ends: [{host: client, addresses: [10.0.2.1/24]}, {host: server, addresses: [10.0.2.2/24]}], middlebox: [%s]}
`

const (
	overBlue   = "{address: 10.0.2.1, dev: blue, id: 5, flags: [subflow]}"
	backupBlue = "{address: 10.0.2.1, dev: blue, id: 5, flags: [subflow, backup]}"
)

// connsLab is a lab in which `allroads conns` is run.
type connsLab struct {
	*lab.Lab
	t    *testing.T // nil in a benchmark
	path string
}

// theLab builds a lab of two hosts; what stands in its file is the client's
// endpoints, the server's, and the rules of both links.
func theLab(t *testing.T, clients, servers, red, blue string) *connsLab {
	t.Helper()
	return buildLab(t, fmt.Sprintf(twoPaths, clients, servers, red, blue))
}

func buildLab(t testing.TB, text string) *connsLab {
	t.Helper()
	path := programOf(t)
	topology, err := lab.Parse("conns.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	l, err := lab.Up(t.Context(), topology, lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	test, _ := t.(*testing.T)
	return &connsLab{l, test, path}
}

// programOf is program for tests and benchmarks.
func programOf(t testing.TB) string {
	t.Helper()
	if test, ok := t.(*testing.T); ok {
		return program(test)
	}
	path := filepath.Join(t.TempDir(), "allroads")
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs conns in a host.
func (l *connsLab) run(host string, args ...string) (stdout, stderr string, code int) {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := l.Host(host).Command(l.path, append([]string{"conns"}, args...)...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.Env = append(os.Environ(), "TZ=UTC")
	must(l.t, cmd.Start())
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	_ = cmd.Wait()
	return out.String(), said.String(), exitCodeOf(cmd.Cmd)
}

// ok runs conns, which has to succeed without a word.
func (l *connsLab) ok(host string, args ...string) string {
	l.t.Helper()
	out, said, code := l.run(host, args...)
	if code != 0 || said != "" {
		l.t.Fatalf("conns %q in %s: exit code %d: %s%s", args, host, code, out, said)
	}
	return out
}

// listen listens in the server, and keeps what it accepts open.
func (l *connsLab) listen(at string) (address netip.AddrPort, accepted <-chan *mptcp.Conn) {
	l.t.Helper()
	var listener *mptcp.Listener
	must(l.t, l.Host("server").Run(func() (err error) {
		listener, err = mptcp.Listen(context.Background(), netip.MustParseAddrPort(at))
		return err
	}))
	l.t.Cleanup(func() { listener.Close() })
	connections := make(chan *mptcp.Conn, 100)
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			connections <- c
		}
	}()
	return listener.AddrPort(), connections
}

// connect makes a connection from the client, with something sent over it so that
// the path manager begins.
func (l *connsLab) connect(to string, accepted <-chan *mptcp.Conn) (client, server *mptcp.Conn) {
	l.t.Helper()
	must(l.t, l.Host("client").Run(func() (err error) {
		client, err = (&mptcp.Dialer{AllowTCP: true}).Dial(l.t.Context(), netip.MustParseAddrPort(to))
		return err
	}))
	server = <-accepted
	l.t.Cleanup(func() { client.Close(); server.Close() })
	l.pass(client, server, "hello")
	return client, server
}

func (l *connsLab) pass(from, to net.Conn, text string) {
	l.t.Helper()
	_, err := from.Write([]byte(text))
	must(l.t, err)
	_, err = to.Read(make([]byte, len(text)))
	must(l.t, err)
}

// shows waits until conns prints what is wanted, as far as it does not differ from
// run to run.
func (l *connsLab) shows(host, want string, args ...string) {
	l.t.Helper()
	want = strings.TrimPrefix(want, "\n")
	var got string
	for range 400 {
		if got = steady(l.ok(host, args...)); got == want {
			return
		}
	}
	l.t.Errorf("conns %q in %s:\n%s\nwant\n%s", args, host, got, want)
}

// steady takes out what differs from run to run.
func steady(text string) string {
	for _, r := range []struct{ what, with string }{
		{`token [0-9a-f]{8}`, "token T"},
		{`:[1-9][0-9]{4}\b`, ":P"}, // a port that the kernel has chosen
		{`idle [0-9.]+ s`, "idle N s"},
		{`rtt [0-9.]+ ms`, "rtt N"},
		{`cwnd [0-9]+`, "cwnd N"},
		{`(SYN_SENT.*retransmitted )[0-9]`, "${1}0"},
		{`rate [0-9.]+ [kMGT]?bit/s`, "rate N"},
	} {
		text = regexp.MustCompile(r.what).ReplaceAllString(text, r.with)
	}
	return text
}
