package daemon

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"allroads/internal/control"
	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/pathmanager/pathmanagertest"
)

// ground is a namespace with an interface that allroadsd manages, and a folder.
type ground struct {
	*testing.T
	ns  *netns.NS
	dir string
}

func newGround(t *testing.T) *ground {
	t.Helper()
	netnstest.Require(t)
	pathmanagertest.Alone(t)
	g := &ground{t, netnstest.New(t), t.TempDir()}
	g.ip("link add one type veth peer name two")
	for _, link := range []string{"lo", "one", "two"} {
		g.ip("link set " + link + " up")
	}
	g.ip("address add 192.0.2.1/24 dev one")
	g.configure("interfaces: [{match: {names: [one], family: ipv4}, needs: address}]\n")
	return g
}

// ip runs ip(8) inside.
func (g *ground) ip(words string) string {
	g.Helper()
	var out []byte
	err := g.ns.Do(func() (err error) {
		out, err = exec.Command("ip", strings.Fields(words)...).CombinedOutput()
		return err
	})
	if err != nil {
		g.Fatalf("ip %s: %v: %s", words, err, out)
	}
	return string(out)
}

func (g *ground) config() string { return filepath.Join(g.dir, "allroads.yaml") }

func (g *ground) configure(text string) {
	g.Helper()
	if err := os.WriteFile(g.config(), []byte(text), 0o600); err != nil {
		g.Fatal(err)
	}
}

// output may be read while it is written.
type output struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.text.String()
}

// process is an allroadsd inside.
type process struct {
	*exec.Cmd
	log output
}

func (g *ground) start(args ...string) *process {
	g.Helper()
	socket, state := filepath.Join(g.dir, "socket"), filepath.Join(g.dir, "state")
	p := &process{Cmd: exec.Command("/proc/self/exe", append([]string{"--config", g.config(), "--socket", socket, "--state", state}, args...)...)}
	p.Env = append(os.Environ(), programVariable+"=1")
	p.Stderr = &p.log
	if err := g.ns.Do(p.Start); err != nil {
		g.Fatal(err)
	}
	g.Cleanup(func() { _ = p.Process.Kill(); _ = p.Wait() })
	return p
}

// await waits for something that is to come about soon.
func (g *ground) await(what string, p *process, holds func() bool) {
	g.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			g.Fatalf("%s: not within 10 s; endpoints:\n%slog:\n%s", what, g.ip("mptcp endpoint"), &p.log)
		}
	}
}

func (g *ground) endpoints(n int) func() bool {
	return func() bool { return strings.Count(g.ip("mptcp endpoint"), "\n") == n }
}

func (p *process) says(text string) func() bool {
	return func() bool { return strings.Contains(p.log.String(), text) }
}

func (p *process) end(g *ground, signal syscall.Signal, want int) {
	g.Helper()
	if err := p.Process.Signal(signal); err != nil {
		g.Fatal(err)
	}
	if _ = p.Wait(); p.ProcessState.ExitCode() != want {
		g.Errorf("exit code %d, want %d:\n%s", p.ProcessState.ExitCode(), want, &p.log)
	}
}

// TestLife begins, follows an address, is killed, adopts, reloads, and leaves nothing.
func TestLife(t *testing.T) {
	g := newGround(t)
	before := g.ip("mptcp limits")
	p := g.start()
	g.await("ready", p, p.says("msg=ready"))
	if !g.endpoints(1)() {
		t.Fatalf("endpoints when it is ready:\n%s", g.ip("mptcp endpoint"))
	}
	g.ip("address add 192.0.2.9/24 dev one")
	g.await("the second address", p, g.endpoints(2))
	p.end(g, syscall.SIGKILL, -1)
	g.ip("address delete 192.0.2.9/24 dev one")
	p = g.start()
	g.await("the address that is gone", p, g.endpoints(1))
	if strings.Contains(p.log.String(), "endpoint add") || !strings.Contains(p.log.String(), "msg=adopted") {
		t.Errorf("it was not adopted:\n%s", &p.log)
	}
	g.reloads(p)
	p.end(g, syscall.SIGTERM, 0)
	if after := g.ip("mptcp limits"); !g.endpoints(0)() || after != before {
		t.Errorf("left behind:\n%s%s, limits before: %s", g.ip("mptcp endpoint"), after, before)
	}
}

// reloads: a mistake changes nothing and is told; what is right holds at once.
func (g *ground) reloads(p *process) {
	g.Helper()
	g.configure("mode: none\n")
	if err := p.Process.Signal(syscall.SIGHUP); err != nil {
		g.Fatal(err)
	}
	g.await("refused", p, p.says("configuration refused"))
	client := &control.Client{Socket: filepath.Join(g.dir, "socket")}
	answer, err := client.Status(context.Background())
	status := answer.Value
	if err != nil || status.Config.Error == nil || !strings.Contains(*status.Config.Error, "allroads.yaml:1:") || !g.endpoints(1)() {
		g.Errorf("%+v, %v", status.Config, err)
	}
	g.configure("interfaces: [{match: {names: [one], family: ipv4}, needs: address, role: backup}]\n")
	if err := p.Process.Signal(syscall.SIGHUP); err != nil {
		g.Fatal(err)
	}
	g.await("reloaded", p, func() bool { return strings.Contains(g.ip("mptcp endpoint"), "backup") })
}

// TestSecondIsRefused whatever its state directory and socket are, and takes nothing from
// the first.
func TestSecondIsRefused(t *testing.T) {
	g := newGround(t)
	first := g.start()
	g.await("ready", first, first.says("msg=ready"))
	second := g.start("--socket", filepath.Join(g.dir, "other"), "--state", filepath.Join(g.dir, "others"))
	_ = second.Wait()
	want := fmt.Sprintf("another allroadsd (process %d)", first.Process.Pid)
	if second.ProcessState.ExitCode() != exitSystem || !strings.Contains(second.log.String(), want) {
		t.Errorf("exit code %d, want %q:\n%s", second.ProcessState.ExitCode(), want, &second.log)
	}
	if !g.endpoints(1)() {
		t.Errorf("endpoints:\n%s", g.ip("mptcp endpoint"))
	}
	first.end(g, syscall.SIGINT, 0)
}

// TestDryRun prints commands that ip(8) takes, and changes nothing: carried out, they
// leave nothing to do.
func TestDryRun(t *testing.T) {
	g := newGround(t)
	dryRun := func() string {
		p := g.command("--dry-run")
		out, err := p.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	commands := dryRun()
	if !g.endpoints(0)() || strings.Count(commands, "\n") != 2 {
		t.Fatalf("%s, endpoints:\n%s", commands, g.ip("mptcp endpoint"))
	}
	for line := range strings.Lines(commands) {
		g.ip(strings.TrimPrefix(strings.TrimSpace(line), "ip "))
	}
	if again := dryRun(); again != "" || !g.endpoints(1)() {
		t.Errorf("%s, endpoints:\n%s", again, g.ip("mptcp endpoint"))
	}
}

// command is an allroadsd inside that ends by itself.
func (g *ground) command(args ...string) *insideCommand {
	cmd := exec.Command("/proc/self/exe", append([]string{"--config", g.config()}, args...)...)
	cmd.Env = append(os.Environ(), programVariable+"=1")
	return &insideCommand{g, cmd}
}

type insideCommand struct {
	g *ground
	*exec.Cmd
}

func (c *insideCommand) Output() (out []byte, err error) {
	err = c.g.ns.Do(func() (err error) { out, err = c.Cmd.Output(); return err })
	return out, err
}

// TestNotify tells the service manager that it is ready, reloads, and stops.
func TestNotify(t *testing.T) {
	g := newGround(t)
	path := filepath.Join(g.dir, "notify")
	manager := listenUnixgram(t, path)
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "200000")
	p := g.start()
	manager.expect("READY=1", "STATUS=Managing host (kernel)")
	manager.expect("WATCHDOG=1")
	if err := p.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	manager.expect("RELOADING=1", "MONOTONIC_USEC=")
	manager.expect("READY=1")
	p.end(g, syscall.SIGTERM, 0)
	manager.expect("STOPPING=1")
}
