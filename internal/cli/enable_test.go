package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/internal/unit"

	"golang.org/x/sys/unix"
)

// managed is a machine where systemd seems to run: its folders are this test's own, and
// systemctl writes down what it was asked for.
type managed struct {
	t     *testing.T
	path  string // allroads
	asked string // the file that systemctl writes to
}

func newManaged(t *testing.T) *managed {
	t.Helper()
	for _, folder := range []string{"/etc/systemd/system", "/sys/fs/cgroup"} {
		if err := unix.Mount("none", folder, "tmpfs", 0, "mode=755"); err != nil {
			netnstest.Missing(t, "a folder "+folder+" of its own: "+err.Error())
		}
	}
	must(t, os.MkdirAll("/run/systemd/system", 0o755))
	m := &managed{t: t, path: program(t)}
	folder := filepath.Dir(m.path)
	m.asked = filepath.Join(folder, "asked")
	must(t, os.WriteFile(filepath.Join(folder, "systemctl"), []byte("#!/bin/sh\necho \"$*\" >> "+m.asked+"\n"), 0o755))
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	return m
}

func (m *managed) run(want int, args ...string) string {
	m.t.Helper()
	cmd := exec.Command(m.path, args...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != want {
		m.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (m *managed) unit(name, text string) {
	m.t.Helper()
	must(m.t, os.WriteFile(filepath.Join("/run/systemd/system", name), []byte(text), 0o644))
}

// start executes what ExecStart= of a unit is now, as systemd would: after the last
// empty one, with $$ replaced.
func (m *managed) start(name string) (*exec.Cmd, *bufio.Reader) {
	m.t.Helper()
	value := ""
	for _, path := range []string{"/run/systemd/system/" + name, "/etc/systemd/system/" + name + ".d/" + unit.DropInName} {
		text, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			m.t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if v, is := strings.CutPrefix(line, "ExecStart="); is {
				value = strings.TrimSpace(v)
			}
		}
	}
	commands, err := unit.ParseCommands(value)
	if err != nil || len(commands) != 1 {
		m.t.Fatalf("%q: %v %v", value, commands, err)
	}
	cmd := exec.Command(commands[0].Path)
	for _, word := range commands[0].Words() {
		cmd.Args = append(cmd.Args, strings.ReplaceAll(word, "$$", "$"))
	}
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	must(m.t, err)
	out, err := cmd.StdoutPipe()
	must(m.t, err)
	must(m.t, cmd.Start())
	m.t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	return cmd, bufio.NewReader(out)
}

// listener opens a TCP socket, says what it is, and waits. systemd makes one $ of two.
const listener = `import os, socket, sys; s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); ` +
	`print(os.getpid(), s.getsockopt(socket.SOL_SOCKET, 38), sys.argv[1:], flush=True); sys.stdin.read()`

// TestEnabledService: the command of a drop-in runs, keeps its process id and its words,
// has MPTCP sockets, and enabled sees them; disable takes it all back.
func TestEnabledService(t *testing.T) {
	python, err := exec.LookPath("/usr/bin/python3")
	if err != nil {
		netnstest.Missing(t, err.Error())
	}
	if os.Geteuid() != 0 {
		t.Skip("folders of systemd of its own take root")
	}
	if !withOwnRun(t) {
		return
	}
	m := newManaged(t)
	m.unit("listener.service", "[Service]\nExecStart=@"+python+" 'other name' -c '"+listener+"' 'two  words' \\\n $$HOME \\; \"\"\n")
	plain, said := m.startListener(`["two  words", "$HOME", ";", ""]`, false)
	if said != 6 {
		t.Fatalf("without a drop-in its socket is of protocol %d", said)
	}
	m.inCgroup("listener.service", plain)
	out := m.run(0, "enable", "--now", "listener")
	if !strings.Contains(out, "listener.service: notify, /etc/systemd/system/listener.service.d/zz-allroads.conf made") {
		t.Errorf("enable said %q", out)
	}
	m.wasAsked("daemon-reload\ntry-restart -- listener.service\n")
	m.counts("listener", 0, 1)
	pid, said := m.startListener(`["two  words", "$HOME", ";", ""]`, true)
	if said != unix.IPPROTO_MPTCP {
		t.Errorf("its socket is of protocol %d", said)
	}
	m.inCgroup("listener.service", pid)
	m.counts("listener", 1, 0)
	m.inCgroup("listener.service", pid, plain)
	m.counts("listener", 1, 1)
	m.run(0, "disable", "listener")
	m.wasAsked("daemon-reload\n")
	m.run(1, "enabled", "listener")
	left, err := os.ReadDir("/etc/systemd/system")
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// startListener starts the service and returns its process, and its socket's protocol.
func (m *managed) startListener(words string, wrapped bool) (pid, protocol int) {
	m.t.Helper()
	cmd, out := m.start("listener.service")
	line, err := out.ReadString('\n')
	must(m.t, err)
	rest := strings.ReplaceAll(strings.TrimSpace(line), "'", `"`)
	if _, err := fmt.Sscanf(rest, "%d %d", &pid, &protocol); err != nil || pid != cmd.Process.Pid {
		m.t.Fatalf("%q of process %d: %v", line, cmd.Process.Pid, err)
	}
	if wrapped && !strings.HasSuffix(rest, words) {
		m.t.Errorf("it was given %s, not %s", rest, words)
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if wrapped && (err != nil || !strings.HasPrefix(string(name), "other name\x00-c\x00")) {
		m.t.Errorf("its words are %q, %v", name, err)
	}
	return pid, protocol
}

func (m *managed) inCgroup(name string, pids ...int) {
	m.t.Helper()
	group := filepath.Join("/sys/fs/cgroup/system.slice", name)
	must(m.t, os.MkdirAll(group, 0o755))
	must(m.t, os.WriteFile(filepath.Join(group, "cgroup.procs"), []byte(strings.Trim(fmt.Sprint(pids), "[]")), 0o644))
}

func (m *managed) wasAsked(want string) {
	m.t.Helper()
	asked, err := os.ReadFile(m.asked)
	if err != nil || string(asked) != want {
		m.t.Errorf("systemctl was asked for %q, %v, not %q", asked, err, want)
	}
	must(m.t, os.Remove(m.asked))
}

// counts holds the table and the JSON to numbers of sockets, and the JSON to its page.
func (m *managed) counts(name string, mptcp, tcp int) {
	m.t.Helper()
	var shown struct {
		Units []struct {
			Running struct{ Sockets map[string]int }
		}
	}
	text := m.run(0, "enabled", "--json", name)
	must(m.t, json.Unmarshal([]byte(text), &shown))
	if len(shown.Units) != 1 || shown.Units[0].Running.Sockets["mptcp"] != mptcp || shown.Units[0].Running.Sockets["tcp"] != tcp {
		m.t.Errorf("not %d and %d sockets: %s", mptcp, tcp, text)
	}
	fields := strings.Fields(m.run(0, "enabled", name))
	if last := fields[len(fields)-4:]; !slices.Equal(last, []string{fmt.Sprint(mptcp), "0", fmt.Sprint(tcp), "ok"}) {
		m.t.Errorf("not %d and %d sockets: %q", mptcp, tcp, fields)
	}
	doc, err := os.ReadFile("../../docs/reference/enabled-json.md")
	must(m.t, err)
	var value any
	must(m.t, json.Unmarshal([]byte(text), &value))
	names := map[string]bool{}
	collect(value, names, map[string]bool{})
	if len(names) < 15 {
		m.t.Errorf("the JSON has only %v", slices.Sorted(maps.Keys(names)))
	}
	for name := range names {
		if !strings.Contains(string(doc), "`"+name+"`") {
			m.t.Errorf("field %s is not documented", name)
		}
	}
}

// TestEnableGo: a program of Go that needs no more is told so by its environment; that
// of the unit is kept.
func TestEnableGo(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		netnstest.Missing(t, err.Error())
	}
	path, root := program(t), t.TempDir()
	source := filepath.Join(root, "main.go")
	must(t, os.WriteFile(source, []byte("package main\n\nimport \"net\"\n\nfunc main() { _, _ = net.Dial(\"tcp\", \"localhost:1\") }\n"), 0o644))
	build := exec.Command("go", "build", "-o", filepath.Join(root, "usr/bin/dialer"), source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	must(t, os.MkdirAll(filepath.Join(root, "etc/systemd/system"), 0o755))
	file := filepath.Join(root, "etc/systemd/system/dialer.service")
	for settings, want := range map[string]string{
		"":                           "godebug",
		"Environment=GODEBUG=a=1\n":  "godebug",
		"UnsetEnvironment=GODEBUG\n": "notify",
		"ExecStart=\nExecStart=/bin/sh -c /usr/bin/dialer\n": "notify",
	} {
		must(t, os.WriteFile(file, []byte("[Service]\nExecStart=/usr/bin/dialer\n"+settings), 0o644))
		out, err := exec.Command(path, "enable", "--root", root, "--dry-run", "dialer").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "# strategy: "+want+"\n") {
			t.Errorf("%q: %v\n%s", settings, err, out)
		}
		if strings.Contains(settings, "a=1") && !strings.Contains(string(out), "Environment=GODEBUG=a=1,multipathtcp=1\n") {
			t.Errorf("GODEBUG is lost:\n%s", out)
		}
	}
}
