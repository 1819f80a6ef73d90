package netcat_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"allroads/internal/netcat"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

func TestMain(m *testing.M) {
	if os.Getenv(roleVariable) != "" {
		os.Exit(playRole())
	}
	netnstest.Main(m)
}

// patience is how long anything may take on a busy machine.
const patience = 30 * time.Second

// place is a namespace with a loopback, for tests with ports of their own.
type place struct {
	t  testing.TB
	ns *netns.NS
}

func newPlace(t testing.TB) *place {
	t.Helper()
	p := &place{t, netnstest.New(t)}
	netnstest.Output(t, p.ns, "ip link set lo up")
	return p
}

func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, fmt.Errorf("the test took %v", patience))
	t.Cleanup(cancel)
	return ctx
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// client runs a connection of ours to a port, and returns its error in time.
func (p *place) client(ctx context.Context, c netcat.Client, o netcat.Options) <-chan error {
	done := make(chan error, 1)
	go func() { done <- p.ns.Do(func() error { return c.Run(ctx, &o) }) }()
	return done
}

// server is client, for who listens; it returns when that listens.
func (p *place) server(ctx context.Context, s netcat.Server, o netcat.Options) <-chan error {
	p.t.Helper()
	done := make(chan error, 1)
	go func() { done <- p.ns.Do(func() error { return s.Run(ctx, &o) }) }()
	p.listening(s.Port)
	return done
}

func to(port uint16) netcat.Client { return netcat.Client{Host: "127.0.0.1", Port: port} }

// listening waits until a port is listened on.
func (p *place) listening(port uint16) {
	p.t.Helper()
	want := fmt.Sprintf(":%04X ", port)
	eventually(p.t, fmt.Sprintf("port %d is listened on", port), func() bool {
		found := false
		must(p.t, p.ns.Do(func() error {
			for _, file := range []string{"tcp", "tcp6"} {
				text, err := os.ReadFile("/proc/thread-self/net/" + file)
				if err != nil {
					return err
				}
				for line := range strings.Lines(string(text)) {
					fields := strings.Fields(line)
					found = found || strings.HasSuffix(fields[1]+" ", want) && fields[3] == "0A"
				}
			}
			return nil
		}))
		return found
	})
}

func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// start starts a program of the system in the place, until the test ends.
func (p *place) start(input io.Reader, output io.Writer, command ...string) *exec.Cmd {
	p.t.Helper()
	path, err := exec.LookPath(command[0])
	if err != nil {
		netnstest.Missing(p.t, "program "+command[0])
	}
	cmd := exec.Command(path, command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.WaitDelay = input, output, time.Second
	cmd.Env = append(os.Environ(), roleVariable+"=1") // If it is this test program.
	must(p.t, p.ns.Do(cmd.Start))
	p.t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd
}

// finish expects an end without an error in time.
func finish(t testing.TB, done <-chan error) {
	t.Helper()
	if err := ended(t, done); err != nil {
		t.Fatal(err)
	}
}

func ended(t testing.TB, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(2 * patience):
		t.Fatal("it does not end")
		return nil
	}
}

func wait(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%s: %v", cmd.Args, err)
	}
}

// noise is bytes of all values, the same for the same seed.
func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	generator := rand.NewChaCha8([32]byte{byte(seed)})
	_, _ = generator.Read(b)
	copy(b, "\r\n\n\x00\xff\x1b")
	return b
}

func same(t testing.TB, what string, got, want []byte) {
	t.Helper()
	if sha256.Sum256(got) != sha256.Sum256(want) {
		t.Errorf("%s: %d bytes that are not the %d sent", what, len(got), len(want))
	}
}

// buffer collects what is written, by several at once.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (b *buffer) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Len()
}

// notes collect what an observer is told.
type notes struct {
	mu        sync.Mutex
	connected []netcat.State
	changed   []netcat.State
	summaries []netcat.Summary
	failures  []error
}

func (n *notes) observer() netcat.Observer {
	return netcat.Observer{
		Connected: func(s netcat.State) { n.keep(func() { n.connected = append(n.connected, s) }) },
		Changed:   func(s netcat.State) { n.keep(func() { n.changed = append(n.changed, s) }) },
		Ended:     func(s netcat.Summary) { n.keep(func() { n.summaries = append(n.summaries, s) }) },
		Failed:    func(_ netip.AddrPort, err error) { n.keep(func() { n.failures = append(n.failures, err) }) },
	}
}

func (n *notes) keep(add func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	add()
}

func example(name string) string { return filepath.Join("..", "..", "examples", name) }
