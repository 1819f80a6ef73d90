package cli_test

import (
	"bytes"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// netcat is a process of allroads nc.
type netcat struct {
	*exec.Cmd
	t      *testing.T
	stderr awaited
	ended  chan struct{}
}

// netcats starts such processes as one user.
type netcats struct {
	t          *testing.T
	path       string
	attributes *syscall.SysProcAttr
}

// asEachNetcat runs a test as each user, and holds that no process is left. Ports
// are the kernel's choice, on loopback.
func asEachNetcat(t *testing.T, test func(t *testing.T, nc netcats)) {
	t.Helper()
	path := program(t)
	for name, attributes := range users() {
		t.Run(name, func(t *testing.T) {
			test(t, netcats{t, path, attributes})
			waitGone(t, path)
		})
	}
}

func (nc netcats) start(stdin io.Reader, stdout io.Writer, args ...string) *netcat {
	nc.t.Helper()
	return nc.shell(`exec "$@"`, stdin, stdout, args...)
}

// shell starts nc, whose command line is "$@", as a shell's line has it.
func (nc netcats) shell(line string, stdin io.Reader, stdout io.Writer, args ...string) *netcat {
	nc.t.Helper()
	n := &netcat{Cmd: exec.Command("sh", append([]string{"-c", line, "sh", nc.path, "nc"}, args...)...), t: nc.t, ended: make(chan struct{})}
	n.Dir, n.SysProcAttr, n.Stdin, n.Stdout, n.Stderr, n.WaitDelay = "/", nc.attributes, stdin, stdout, &n.stderr, time.Second
	must(nc.t, n.Start())
	go func() { _ = n.Wait(); close(n.ended) }()
	nc.t.Cleanup(func() { _ = n.Process.Kill(); <-n.ended })
	return n
}

// port waits until a listener says which one it has.
func (n *netcat) port() string {
	n.t.Helper()
	var found []string
	eventually(n.t, "it listens", func() bool {
		found = listeningOn.FindStringSubmatch(n.stderr.String())
		return found != nil
	})
	at, err := netip.ParseAddrPort(found[1])
	must(n.t, err)
	return strings.TrimPrefix(netip.AddrPortFrom(netip.IPv4Unspecified(), at.Port()).String(), "0.0.0.0:")
}

var listeningOn = regexp.MustCompile(`(?m)^allroads: listening on (\S+)$`)

// exits waits for the end, and holds it to an exit code and to what was said.
func (n *netcat) exits(code int, said string) {
	n.t.Helper()
	select {
	case <-n.ended:
	case <-time.After(patience):
		n.t.Fatalf("%q does not end; it says %s", n.Args, n.stderr.String())
	}
	if got := exitCodeOf(n.Cmd); got != code || !strings.Contains(n.stderr.String(), said) {
		n.t.Errorf("%q: exit code %d and %q, want %d and %q", n.Args, got, n.stderr.String(), code, said)
	}
}

func TestNetcatUsers(t *testing.T) {
	content := bytes.Repeat([]byte("\x00\xff\r\n all bytes"), 100_000)
	asEachNetcat(t, func(t *testing.T, nc netcats) {
		var got, reply bytes.Buffer
		server := nc.start(strings.NewReader("reply"), &got, "-v", "-l", "127.0.0.1", "0")
		client := nc.start(bytes.NewReader(content), &reply, "--require-mptcp", "-v", "127.0.0.1", server.port())
		client.exits(0, ": mptcp with 1 subflow\n")
		server.exits(0, ": mptcp with 1 subflow\n")
		if !bytes.Equal(got.Bytes(), content) || reply.String() != "reply" {
			t.Errorf("got %d bytes, and %q", got.Len(), &reply)
		}
	})
}

// TestNetcatInterrupt: Ctrl-C and kill(1) end it, and the command with it.
func TestNetcatInterrupt(t *testing.T) {
	asEachNetcat(t, func(t *testing.T, nc netcats) {
		for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			server := nc.start(nil, nil, "-v", "-k", "-l", "-c", "echo $$; exec sleep 1000", "127.0.0.1", "0")
			var pid awaited
			client := nc.start(nil, &pid, "127.0.0.1", server.port())
			eventually(t, "the command runs", func() bool { return strings.HasSuffix(pid.String(), "\n") })
			must(t, server.Process.Signal(sig))
			server.exits(128+int(sig), "allroads: interrupted\n")
			<-client.ended
			if _, err := os.Stat("/proc/" + strings.TrimSpace(pid.String())); err == nil {
				t.Error("the command goes on")
			}
			alone := nc.start(nil, nil, "-v", "-l", "127.0.0.1", "0")
			alone.port()
			must(t, alone.Process.Signal(sig))
			alone.exits(128+int(sig), "allroads: interrupted\n")
		}
	})
}

// TestNetcatKilled: the command ends with a program that was killed.
func TestNetcatKilled(t *testing.T) {
	asEachNetcat(t, func(t *testing.T, nc netcats) {
		server := nc.start(nil, nil, "-v", "-l", "-c", "echo $$; exec sleep 1000", "127.0.0.1", "0")
		var pid awaited
		nc.start(nil, &pid, "127.0.0.1", server.port())
		eventually(t, "the command runs", func() bool { return strings.HasSuffix(pid.String(), "\n") })
		must(t, server.Process.Kill())
		status := "/proc/" + strings.TrimSpace(pid.String()) + "/status"
		eventually(t, "the command is gone", func() bool {
			text, err := os.ReadFile(status) // Nobody may be there to wait for it.
			return err != nil || strings.Contains(string(text), "\nState:\tZ")
		})
	})
}

// TestNetcatClosedOutput has nobody read the output: it ends as cat does.
func TestNetcatClosedOutput(t *testing.T) {
	asEachNetcat(t, func(t *testing.T, nc netcats) {
		server := nc.start(bytes.NewReader(make([]byte, 10_000_000)), nil, "-v", "-l", "127.0.0.1", "0")
		port := server.port()
		r, w, err := os.Pipe()
		must(t, err)
		r.Close()
		client := nc.start(nil, w, "127.0.0.1", port)
		w.Close()
		client.exits(128+int(syscall.SIGPIPE), "")
		if said := client.stderr.String(); said != "" {
			t.Errorf("it says %q", said)
		}
		server.exits(1, "allroads: ")
	})
}

// TestNetcatClosedInput starts it without standard input, as <&- does.
func TestNetcatClosedInput(t *testing.T) {
	asEachNetcat(t, func(t *testing.T, nc netcats) {
		server := nc.start(strings.NewReader("hello"), nil, "-v", "-l", "127.0.0.1", "0")
		var got bytes.Buffer
		nc.shell(`exec "$@" <&-`, nil, &got, "127.0.0.1", server.port()).exits(0, "")
		if got.String() != "hello" {
			t.Errorf("got %q", &got)
		}
		server.exits(0, "received 0 bytes")
	})
}

// TestNetcatQuit ends though the peer goes on sending, when that has all of the input.
func TestNetcatQuit(t *testing.T) {
	asEachNetcat(t, func(t *testing.T, nc netcats) {
		server := nc.start(nil, nil, "-v", "-l", "-c", "yes & sleep 0.1; wc -c >&2", "127.0.0.1", "0")
		var got awaited
		client := nc.start(strings.NewReader(strings.Repeat("question", 100_000)), &got, "-q", "0.01", "127.0.0.1", server.port())
		client.exits(0, "")
		if !strings.HasPrefix(got.String(), "y\ny\n") {
			t.Errorf("got %.20q", got.String())
		}
		eventually(t, "all has come", func() bool { return strings.Contains(server.stderr.String(), "\n800000\n") })
	})
}

// TestNetcatFiles holds what -o, -x and -C write against what ncat gets.
func TestNetcatFiles(t *testing.T) {
	dir := ownFolder(t, &syscall.SysProcAttr{})
	must(t, os.Chmod(dir, 0o777))
	asEachNetcat(t, func(t *testing.T, nc netcats) {
		folder, err := os.MkdirTemp(dir, "")
		must(t, err)
		must(t, os.Chmod(folder, 0o777))
		raw, dump := filepath.Join(folder, "raw"), filepath.Join(folder, "hex")
		for range 2 {
			var got bytes.Buffer
			server := nc.start(strings.NewReader(""), &got, "-v", "-l", "127.0.0.1", "0")
			peer := nc.start(strings.NewReader("one\ntwo\r\n"), nil, "-C", "-o", raw, "-x", dump, "--append-output", "127.0.0.1", server.port())
			peer.exits(0, "")
			server.exits(0, "")
			if got.String() != "one\r\ntwo\r\n" {
				t.Errorf("got %q", &got)
			}
		}
		text, err := os.ReadFile(raw)
		if err != nil || string(text) != "one\r\ntwo\r\none\r\ntwo\r\n" {
			t.Errorf("%v: %q", err, text)
		}
		const row = "> 00000000  6f 6e 65 0d 0a 74 77 6f 0d 0a                    one..two..\n"
		if text, err = os.ReadFile(dump); err != nil || string(text) != row+row {
			t.Errorf("%v: %q", err, text)
		}
	})
}

// TestNetcatManyFiles runs out of file descriptors: those that fit are served, and
// the others when there is room.
func TestNetcatManyFiles(t *testing.T) {
	asEachNetcat(t, func(t *testing.T, nc netcats) {
		server := nc.shell(`ulimit -n 12; exec "$@"`, nil, nil, "-v", "-k", "-l", "--recv-only", "127.0.0.1", "0")
		port := server.port()
		var clients []*netcat
		var holds []*os.File
		for range 12 {
			hold, talk, err := os.Pipe()
			must(t, err)
			holds = append(holds, talk)
			clients = append(clients, nc.start(hold, nil, "127.0.0.1", port))
			hold.Close()
		}
		eventually(t, "no more fit", func() bool {
			return strings.Contains(server.stderr.String(), "too many open files: waiting until it can be")
		})
		for _, talk := range holds {
			talk.Close()
		}
		for _, c := range clients {
			c.exits(0, "")
		}
		eventually(t, "all were served", func() bool { return strings.Count(server.stderr.String(), ": sent 0 bytes") == 12 })
		must(t, server.Process.Signal(syscall.SIGINT))
		server.exits(130, "")
	})
}

// awaited is text that one process writes while others look.
type awaited struct {
	mu   sync.Mutex
	text strings.Builder
}

func (a *awaited) Write(b []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.Write(b)
}

func (a *awaited) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.String()
}
