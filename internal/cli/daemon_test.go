package cli_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"allroads/internal/api"
	"allroads/internal/control"
)

// fakeDaemon answers as allroadsd does, with what a test says.
type fakeDaemon struct {
	status  atomic.Pointer[control.Status]
	paths   control.Paths
	stories map[string]control.Story // by namespace and token
	refused error
	stream  *api.Stream
	mutex   sync.Mutex // of what is not atomic

	t            *testing.T
	path, socket string
	stop         func()
}

func (f *fakeDaemon) Status() control.Status { return *f.status.Load() }
func (f *fakeDaemon) Events() *api.Stream    { return f.stream }

// now has the daemon say something else.
func (f *fakeDaemon) now(change func()) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	change()
}

func (f *fakeDaemon) Paths() (paths control.Paths, err error) {
	f.now(func() { paths = f.paths })
	return paths, nil
}

func (f *fakeDaemon) Reload(context.Context) (control.Reloaded, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return control.Reloaded{Files: []string{"/etc/allroads/allroads.yaml"}, Changes: []string{"mode: kernel, was auto"}}, f.refused
}

func (f *fakeDaemon) Story(namespace, token string) (control.Story, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var found []control.Story
	for at, story := range f.stories {
		if at == namespace+" "+token || namespace == "" && strings.HasSuffix(at, " "+token) {
			found = append(found, story)
		}
	}
	switch len(found) {
	case 0:
		return control.Story{}, fmt.Errorf("token %s: %w", token, api.ErrUnknown)
	case 1:
		return found[0], nil
	}
	return control.Story{}, fmt.Errorf("token %s: %w: host, red", token, api.ErrAmbiguous)
}

func pointer[T any](value T) *T { return &value }

var began = time.Now().Add(-3 * time.Hour)

// wellStatus is that of a daemon without a worry.
func wellStatus() *control.Status {
	return &control.Status{Version: "v1.2.3", PID: 4242, Started: began, Config: control.ConfigState{Loaded: began},
		Namespaces: []control.Namespace{{Name: "host", Mode: "kernel", PathManager: pointer("kernel"),
			Limits: &control.Limits{Subflows: 2, AddAddrAccepted: 2}, Connections: control.Counts{Live: 12, Managed: 11, Seen: 40, Subflows: 25, Lost: 3, Retried: 2},
			Addresses: []control.Address{
				{Address: "192.168.0.2/24", Interface: "eth0", Type: "ethernet", Role: "use", Rule: "interfaces[0]", State: "ready", EndpointID: pointer(uint8(1)), Flags: []string{"subflow"}, Since: began},
				{Address: "172.17.0.1/16", Interface: "docker0", Role: "never", Rule: "built-in: container", State: "left", Since: began},
			}}}}
}

func startDaemon(t *testing.T) *fakeDaemon {
	t.Helper()
	f := &fakeDaemon{t: t, path: program(t), stream: api.NewStream(16)}
	f.status.Store(wellStatus())
	f.socket = filepath.Join(filepath.Dir(f.path), "control.sock")
	l, err := api.Listen(f.socket, "")
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := api.Serve(ctx, l, f, api.Options{Version: "v1.2.3"}); err != nil {
			t.Error(err)
		}
	}()
	f.stop = func() { cancel(); <-ended }
	t.Cleanup(f.stop)
	return f
}

// run runs a command, and holds it to its exit code.
func (f *fakeDaemon) run(exit int, words ...string) (stdout, stderr string) {
	f.t.Helper()
	cmd := exec.Command(f.path, append(words, "--socket", f.socket)...)
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != exit {
		f.t.Errorf("%v: exit code %d (%v), want %d\n%s%s", words, code, err, exit, &out, &errs)
	}
	return out.String(), errs.String()
}

func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("without %q:\n%s", part, text)
		}
	}
}

func TestDaemonReload(t *testing.T) {
	f := startDaemon(t)
	out, _ := f.run(0, "reload")
	if out != "loaded /etc/allroads/allroads.yaml\n  - mode: kernel, was auto\n" {
		t.Errorf("%s", out)
	}
	out, _ = f.run(0, "reload", "--json")
	has(t, out, `"schema": "allroads.reload/1"`)
	f.now(func() { f.refused = errors.New("/etc/a.yaml:3:5: unknown key \x1b[2J\n/etc/a.yaml:4:1: also") })
	_, errs := f.run(1, "reload")
	if errs != "allroads: the configuration is refused, and nothing has changed:\n/etc/a.yaml:3:5: unknown key ?[2J\n/etc/a.yaml:4:1: also\n" {
		t.Errorf("%s", errs)
	}
}

// TestDaemonGone: what to do stands in the error, for each command.
func TestDaemonGone(t *testing.T) {
	f := startDaemon(t)
	f.stop()
	for _, words := range [][]string{{"status"}, {"paths"}, {"reload"}, {"explain", "1"}, {"explain", ":80"}, {"events"}, {"events", "--follow"}, {"status", "--watch", "1s"}} {
		_, errs := f.run(3, words...)
		has(t, errs, "allroads: connect to "+f.socket+": no such file or directory: is allroadsd running? systemctl status allroadsd\n")
	}
	if os.Geteuid() != 0 {
		return
	}
	f = startDaemon(t)
	cmd := exec.Command(f.path, "status", "--socket", f.socket)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, _ := cmd.CombinedOutput()
	has(t, string(out), "permission denied: only root may ask it")
	if cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("%v", cmd.ProcessState)
	}
}

func TestDaemonEvents(t *testing.T) {
	f := startDaemon(t)
	f.stream.Publish(control.Event{Time: began, Namespace: "host", Kind: "address", Text: "192.0.2.1 on x\x1b[2J", Why: "it is new"})
	out, _ := f.run(0, "events")
	has(t, out, "address", "host", "192.0.2.1 on x?[2J - it is new\n", began.Format("Jan 02 15:04"))
	out, _ = f.run(0, "events", "--json")
	has(t, out, `{"schema":"allroads.event/1",`)
	for name, c := range map[string]struct {
		end    func(*exec.Cmd)
		code   int
		stderr string
	}{
		"Ctrl-C": {func(cmd *exec.Cmd) { _ = cmd.Process.Signal(os.Interrupt) }, 130, ""},
		"stop":   {func(*exec.Cmd) { f.stop() }, 3, "allroadsd has ended, or was restarted"},
	} {
		if name == "stop" {
			f = startDaemon(t)
			f.stream.Publish(control.Event{Text: "address"})
		}
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(f.path, "events", "--follow", "--socket", f.socket)
			var errs strings.Builder
			cmd.Stderr = &errs
			in, err := cmd.StdoutPipe()
			must(t, err)
			must(t, cmd.Start())
			read := func(part string) {
				buffer := make([]byte, 4096)
				n, _ := in.Read(buffer)
				has(t, string(buffer[:n]), part)
			}
			read("address")
			f.stream.Publish(control.Event{Kind: "subflow", Token: pointer("83119fc5"), Text: "made"})
			read("83119fc5  made")
			c.end(cmd)
			_ = cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != c.code || !strings.Contains(errs.String(), c.stderr) || c.stderr == "" && errs.Len() > 0 {
				t.Errorf("exit code %d, want %d: %s", code, c.code, &errs)
			}
		})
	}
}

// TestDaemonHead: who reads no more ends a command without a word.
func TestDaemonHead(t *testing.T) {
	f := startDaemon(t)
	for range 16 {
		f.stream.Publish(control.Event{Text: strings.Repeat("x", 20_000)})
	}
	script := fmt.Sprintf("%s events --socket %s | head -c 10 >/dev/null; %s status --socket %s | head -n 1", f.path, f.socket, f.path, f.socket)
	out, err := exec.Command("sh", "-c", script).CombinedOutput()
	if err != nil || string(out) != "allroadsd v1.2.3: all is well\n" {
		t.Errorf("%v: %s", err, out)
	}
}
