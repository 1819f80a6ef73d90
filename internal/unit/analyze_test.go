package unit

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"allroads/internal/netns/netnstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// newRoot makes a root directory with the units of testdata and their programs.
func newRoot(t testing.TB) string {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/units.txtar")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	for _, file := range archive.Files {
		write(t, filepath.Join(root, file.Name), string(file.Data), 0o644)
	}
	for _, program := range []string{"bin/sh", "usr/sbin/web", "usr/sbin/shelld", "usr/bin/basectl", "usr/bin/kill", "usr/bin/true", "usr/bin/no",
		"usr/bin/false", "usr/bin/with space", "usr/bin/allroads", "opt/all roads/allroads"} {
		write(t, filepath.Join(root, program), "#!/bin/sh\n", 0o755)
	}
	for link, target := range map[string]string{
		"etc/systemd/system/shelld.service": "/usr/lib/systemd/system/shell.service",
		"etc/systemd/system/masked.service": "/dev/null",
		"etc/systemd/system/linked.service": "../../../srv/linked.service",
		"lib":                               "usr/lib",
	} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(root, "srv/linked.service"), "[Service]\nExecStart=/usr/bin/true linked\n", 0o644)
	return root
}

func write(t testing.TB, path, text string, mode os.FileMode) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		err = os.WriteFile(path, []byte(text), mode)
	}
	if err == nil {
		err = os.Chmod(path, mode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// analysis is what systemd says of a unit.
type analysis struct {
	values   map[string][]string // of its dump
	commands [][]string          // of ExecStart=
	said     []string            // what it does not like, a line each
}

// analyze has systemd load a unit of a root directory, by `systemd-analyze verify`.
func analyze(t testing.TB, root, name string) (a analysis) {
	t.Helper()
	_, said := verify(t, root, "warning", name)
	for line := range strings.Lines(said) { // what it says of one line, once
		_, text, _ := strings.Cut(strings.TrimPrefix(line, root), ": ")
		if !slices.Contains(a.said, text) {
			a.said = append(a.said, text)
		}
	}
	dump, _ := verify(t, root, "debug", name)
	if !a.read(t, dump, name) {
		t.Fatalf("systemd-analyze says nothing of %s: %q", name, a.said)
	}
	return a
}

func verify(t testing.TB, root, level string, names ...string) (stdout, stderr string) {
	t.Helper()
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		netnstest.Missing(t, err.Error())
	}
	cmd := exec.Command("systemd-analyze", append([]string{"--root=" + root, "--man=no", "--recursive-errors=one", "verify"}, names...)...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	cmd.Env = append(os.Environ(), "SYSTEMD_LOG_LEVEL="+level, "SYSTEMD_LOG_COLOR=0", "LC_ALL=C.UTF-8")
	if err := cmd.Run(); err != nil && said.Len() == 0 {
		t.Fatalf("%v: %v", cmd, err)
	}
	return out.String(), said.String()
}

// read looks for a unit in a dump.
func (a *analysis) read(t testing.TB, dump, name string) bool {
	t.Helper()
	dump = strings.ReplaceAll(dump, "→ ", "-> ") // as newer ones have it
	_, dump, found := strings.Cut(dump, "-> Unit "+name+":\n")
	dump, _, _ = strings.Cut(dump, "-> Unit ")
	a.values = map[string][]string{}
	in := ""
	for line := range strings.Lines(dump) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if list, is := strings.CutPrefix(key, "-> "); is {
			in = list
		}
		if key == "Command Line" && in == "ExecStart:" {
			a.commands = append(a.commands, shellWords(t, value))
		}
		a.values[key] = append(a.values[key], value)
	}
	return found
}

// shellWords splits what systemd prints for a shell.
func shellWords(t testing.TB, line string) (words []string) {
	t.Helper()
	var word strings.Builder
	inside, any := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			inside, any = !inside, true
		case c == '\\' && i+1 < len(line):
			i++
			word.WriteString(strings.NewReplacer("t", "\t", "n", "\n").Replace(line[i : i+1]))
			any = true
		case c == ' ' && !inside:
			words, any = append(words, word.String()), false
			word.Reset()
		default:
			word.WriteByte(c)
			any = true
		}
	}
	if any {
		words = append(words, word.String())
	}
	return words
}
