package cli_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"
	"allroads/mptcp"

	"golang.org/x/sys/unix"
)

// checkedBy runs check-program, and returns what it says and its exit code.
func checkedBy(t *testing.T, path string, args ...string) (string, int) {
	t.Helper()
	command := exec.Command(path, append([]string{"check-program"}, args...)...)
	out, err := command.Output()
	if err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), command.ProcessState.ExitCode()
}

// listens has this process hold a connection and a listener of MPTCP.
func listens(t *testing.T) {
	t.Helper()
	l, err := mptcp.Listen(t.Context(), netip.MustParseAddrPort("127.0.0.1:0"))
	if err != nil {
		netnstest.Missing(t, err.Error())
	}
	t.Cleanup(func() { l.Close() })
	c, err := (&mptcp.Dialer{AllowTCP: true}).Dial(t.Context(), l.AddrPort())
	must(t, err)
	t.Cleanup(func() { c.Close() })
}

// TestCheckProgramProcess looks at this process, at one that holds nothing, and as a
// user who may not look at all.
func TestCheckProgramProcess(t *testing.T) {
	path := program(t)
	other := exec.Command("sleep", "1000")
	must(t, other.Start())
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	text, code := checkedBy(t, path, strconv.Itoa(other.Process.Pid))
	if code != 1 || !strings.HasPrefix(text, "uses MPTCP: no, it holds no TCP or MPTCP socket\n") {
		t.Errorf("exit code %d:\n%s", code, text)
	}
	listens(t)
	text, code = checkedBy(t, path, strconv.Itoa(os.Getpid()))
	if code != 0 || !strings.HasPrefix(text, "uses MPTCP: yes, of ") || !strings.Contains(text, "LISTEN") {
		t.Errorf("exit code %d:\n%s", code, text)
	}
	text, code = checkedBy(t, path, "--json", "--tree", strconv.Itoa(os.Getpid()))
	if code != 0 || !strings.Contains(text, `"name": "sleep"`) || !strings.Contains(text, `"kind": "mptcp"`) {
		t.Errorf("exit code %d:\n%s", code, text)
	}
	if os.Geteuid() != 0 {
		return
	}
	if out, err := exec.Command("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", path, "check-program",
		strconv.Itoa(other.Process.Pid)).CombinedOutput(); err == nil || !strings.Contains(string(out), "permission denied: run it as its user, or as root") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestCheckProgramRights: what an ordinary user's filter takes from a set-uid program,
// it takes only then.
func TestCheckProgramRights(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("it makes a set-uid file: run it as root")
	}
	path := program(t)
	other := filepath.Join(filepath.Dir(path), "set-uid")
	text, err := os.ReadFile("/bin/true")
	must(t, err)
	must(t, os.WriteFile(other, text, 0o755))
	must(t, os.Chmod(other, 0o755|os.ModeSetuid))
	said, code := checkedBy(t, path, other)
	if code != 0 || !strings.Contains(said, "\nprivileges  set-uid root\n") || strings.Contains(said, "NO_NEW_PRIVS") {
		t.Errorf("exit code %d:\n%s", code, said)
	}
	out, err := exec.Command("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", path, "check-program", other).Output()
	if err != nil || strings.Count(string(out), "but      it starts without set-uid") != 2 {
		t.Errorf("%v:\n%s", err, out)
	}
}

// TestCheckProgramJSONIsDocumented looks for each field in the documentation.
func TestCheckProgramJSONIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/check-program-json.md")
	must(t, err)
	listens(t)
	path := program(t)
	script := filepath.Join(t.TempDir(), "script")
	must(t, os.WriteFile(script, []byte("#!/bin/sh -e\n"), 0o700))
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	must(t, err)
	defer unix.Close(fd)
	must(t, unix.SetsockoptInt(fd, unix.SOL_TCP, unix.TCP_USER_TIMEOUT, 5000))
	names := map[string]bool{}
	for _, word := range []string{path, script, strconv.Itoa(os.Getpid()), "../../README.md"} {
		text, _ := checkedBy(t, path, "--json", word)
		var value map[string]any
		must(t, json.Unmarshal([]byte(text), &value))
		if processes, ok := value["processes"].([]any); ok {
			delete(processes[0].(map[string]any), "other_sockets") // They are protocols.
			if options := fmt.Sprint(value["socket_options"]); !strings.Contains(options, "certainty:observed option:TCP_USER_TIMEOUT set_fails:true") {
				t.Errorf("options %s", options)
			}
		}
		collect(value, names, map[string]bool{})
	}
	if len(names) < 45 {
		t.Errorf("the JSON has only %v", slices.Sorted(maps.Keys(names)))
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !strings.Contains(string(doc), "`"+name+"`") {
			t.Errorf("field %s is not documented", name)
		}
	}
}

// TestCheckProgramFits: on a terminal of 80 columns, no line is longer.
func TestCheckProgramFits(t *testing.T) {
	path := program(t)
	for _, word := range []string{path, "sh"} {
		command := exec.Command("script", "-qec", "stty cols 80; "+path+" check-program "+word, "/dev/null")
		if command.Err != nil {
			netnstest.Missing(t, command.Err.Error())
		}
		command.Env = append(os.Environ(), "NO_COLOR=1")
		out, err := command.Output()
		must(t, err)
		for line := range strings.Lines(string(out)) {
			if line = strings.TrimRight(line, "\r\n"); len(line) > 80 && len(strings.Fields(line)) > 2 {
				t.Errorf("%d columns: %s", len(line), line)
			}
		}
		if !strings.Contains(string(out), "convertible: yes") {
			t.Errorf("%s", out)
		}
	}
}
