package rewrite_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
	"allroads/internal/rewrite"
	"allroads/internal/tally"

	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	if os.Getenv(runnerVariable) != "" {
		os.Exit(runner())
	}
	// A namespace that tests are started again in has its loopback down.
	if netns.Inside() {
		if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "raise loopback: %v: %s", err, out)
			os.Exit(1)
		}
	}
	netnstest.Main(m)
}

// compiled is a C program of testdata.
func compiled(t testing.TB, name string, flags ...string) string {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		netnstest.Missing(t, "gcc")
	}
	program := filepath.Join(readable(t), name)
	args := append([]string{"-O2", "-Wall", "-pthread", "-o", program, "testdata/" + name + ".c"}, flags...)
	if out, err := exec.Command(gcc, args...).CombinedOutput(); err != nil {
		t.Fatalf("gcc %v: %v\n%s", args, err, out)
	}
	return program
}

// readable is a directory that other users can read.
func readable(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		os.Chmod(d, 0o755)
	}
	return dir
}

// built is the Go program of testdata for a processor.
func built(t testing.TB, arch string) string {
	t.Helper()
	program := filepath.Join(readable(t), "gosockets")
	number := "testdata/gosockets/socket_other.go"
	if arch == "386" {
		number = "testdata/gosockets/socket_386.go"
	}
	cmd := exec.Command("go", "build", "-o", program, "testdata/gosockets/main.go", number)
	cmd.Env = append(os.Environ(), "GOARCH="+arch, "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		netnstest.Missing(t, "go build for "+arch+": "+string(out))
	}
	return program
}

// ran is what came of a program.
type ran struct {
	out     string // standard output and error
	status  unix.WaitStatus
	sockets tally.Sockets
}

// run runs a program under the tracer until all that it has started is gone.
func run(t testing.TB, o rewrite.Options, argv ...string) ran {
	t.Helper()
	o.Tally = new(tally.Tally)
	out, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	path, err := exec.LookPath(argv[0])
	if err != nil {
		netnstest.Missing(t, err.Error())
	}
	p, err := rewrite.Start(path, argv, &os.ProcAttr{Files: []*os.File{null, out, out}}, o)
	if err != nil {
		t.Fatal(err)
	}
	status, err := p.Wait()
	if err == nil {
		err = p.Drain()
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := p.Tasks(); n != 0 {
		t.Errorf("%d tasks are left of %v", n, argv)
	}
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return ran{string(text), status, o.Tally.Sockets()}
}

// plain runs a program without us.
func plain(t testing.TB, argv ...string) string {
	t.Helper()
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(argv, " "), err, out)
	}
	return string(out)
}
