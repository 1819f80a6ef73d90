package program

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"allroads/internal/netns/netnstest"
)

// write makes a file in a folder of its own, that everybody can read.
func write(t testing.TB, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs a program that has to succeed.
func run(t testing.TB, environment []string, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		netnstest.Missing(t, err.Error())
	}
	command := exec.Command(name, args...)
	command.Env = append(os.Environ(), append([]string{"LC_ALL=C"}, environment...)...)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v: %s", command.Args, err, out)
	}
	return string(out)
}

// madeC compiles a program of C.
func madeC(t testing.TB, text string, options ...string) string {
	t.Helper()
	source := write(t, "main.c", text, 0o600)
	path := filepath.Join(filepath.Dir(source), "program")
	run(t, nil, "gcc", append([]string{"-o", path, source}, options...)...)
	return path
}

// madeGo compiles a program of Go, in this module, by an environment such as
// "GOARCH=386".
func madeGo(t testing.TB, text string, environment []string, options ...string) string {
	t.Helper()
	source := write(t, "main.go", text, 0o600)
	path := filepath.Join(filepath.Dir(source), "program")
	args := append(append([]string{"build", "-o", path}, options...), source)
	run(t, append([]string{"CGO_ENABLED=0"}, environment...), "go", args...)
	return path
}

// copied is a copy of a file, of a mode.
func copied(t testing.TB, path string, mode os.FileMode) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "copy", string(bytes.Clone(text)), mode)
}

func examined(t testing.TB, path string) *Program {
	t.Helper()
	p, err := Examine(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const plainC = "int main(void) { return 0; }\n"
