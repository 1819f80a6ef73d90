package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// execute runs a command line that does not stay.
func execute(args ...string) (out string, err error) {
	command := Command()
	var b bytes.Buffer
	command.SetOut(&b)
	command.SetArgs(args)
	err = command.ExecuteContext(context.Background())
	return b.String(), err
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCheck names the file and the line of a mistake.
func TestCheck(t *testing.T) {
	good := write(t, "good.yaml", "mode: kernel\n")
	if out, err := execute("--check", good); err != nil || out != good+": right\n" {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := execute("--check", "--config", good); err != nil || out != good+": right\n" {
		t.Errorf("%q, %v", out, err)
	}
	bad := write(t, "bad.yaml", "mode: kernel\nmood: good\n")
	for _, args := range [][]string{{"--check", bad}, {"--check", "--config", bad}, {"--config", bad}, {"--dry-run", "--config", bad}} {
		if _, err := execute(args...); err == nil || !strings.Contains(err.Error(), bad+":2:") {
			t.Errorf("%v: %v", args, err)
		}
	}
	if _, err := execute("--check", good+".none"); err == nil {
		t.Error("a file that is not there is right")
	}
}

// TestFurtherFiles are those beside the file that was named, and not those of the system.
func TestFurtherFiles(t *testing.T) {
	main := write(t, "allroads.yaml", "mode: kernel\n")
	more := filepath.Join(filepath.Dir(main), "conf.d", "10-more.yaml")
	if err := os.MkdirAll(filepath.Dir(more), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(more, []byte("on_stop: nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := execute("--check", "--config", main); err == nil || !strings.Contains(err.Error(), more+":1:") {
		t.Errorf("%v", err)
	}
	if _, err := execute("--check", "--config", main, "--conf-dir", t.TempDir()); err != nil {
		t.Error(err)
	}
}

func TestSchema(t *testing.T) {
	out, err := execute("--schema")
	if err != nil || !json.Valid([]byte(out)) {
		t.Errorf("%v: %.100s", err, out)
	}
}

// TestBound: the kernel's words for what it would take.
func TestBound(t *testing.T) {
	for words, want := range map[string]int{"limit greater than maximum (8)": 8, "limit greater than maximum (64)": 64, "": 8, "(x)": 8, "(3)": 8} {
		if got := boundIn(words); got != want {
			t.Errorf("%q: %d, want %d", words, got, want)
		}
	}
}

// TestUnreadable: a configuration that this user may not read, and a state directory that
// cannot be written, are no mistakes in a file; the error says which it was.
func TestUnreadable(t *testing.T) {
	if _, err := openBook("/proc/allroads"); err == nil || !strings.Contains(err.Error(), "/proc/allroads") || !strings.Contains(err.Error(), "--state") {
		t.Errorf("a state directory in /proc: %v", err)
	}
	if _, err := openBook("/proc/self/net"); err == nil || !strings.Contains(err.Error(), "/proc/self/net/state.lock") {
		t.Errorf("a state directory that cannot be written: %v", err)
	}
	if os.Getuid() == 0 {
		t.Skip("root may read all")
	}
	secret := write(t, "allroads.yaml", "mode: kernel\n")
	if err := os.Chmod(secret, 0); err != nil {
		t.Fatal(err)
	}
	_, err := execute("--check", secret)
	var wrong configError
	if err == nil || errors.As(err, &wrong) || !strings.Contains(err.Error(), secret) {
		t.Errorf("%v", err)
	}
}
