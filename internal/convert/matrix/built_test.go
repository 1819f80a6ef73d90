package matrix

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"allroads/internal/netns/netnstest"
)

// programs is the folder of all programs, which are built when they are first asked for.
func programs(t *testing.T) string {
	t.Helper()
	netnstest.Require(t)
	dir, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// program is one of them.
func program(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(programs(t), name)
	if _, err := os.Stat(path); err != nil {
		netnstest.Missing(t, fmt.Sprintf("program %s (gcc): %v", name, err))
	}
	return path
}

var build = sync.OnceValues(func() (string, error) {
	if ready := os.Getenv("ALLROADS_MATRIX_PROGRAMS"); ready != "" {
		return ready, nil
	}
	dir, err := makeWork()
	if err != nil {
		return "", err
	}
	for _, b := range []struct {
		env  []string
		args []string
	}{
		{nil, []string{"build", "-o", dir, "allroads/cmd/allroads", "allroads/cmd/allroadsd"}},
		{[]string{"CGO_ENABLED=0"}, []string{"build", "-o", filepath.Join(dir, "goprogram"), "./testdata/goprogram"}},
		{[]string{"CGO_ENABLED=0", "GOARCH=386"}, []string{"build", "-o", filepath.Join(dir, "goprogram-386"), "./testdata/goprogram"}},
	} {
		if err := command(b.env, "go", b.args...); err != nil {
			return "", err
		}
	}
	return dir, compile(dir)
})

// compile makes the programs in C, where there is a compiler.
func compile(dir string) error {
	if _, err := exec.LookPath("gcc"); err != nil {
		return nil // program says so.
	}
	sources, err := filepath.Glob("testdata/program/*.c")
	if err != nil {
		return err
	}
	for name, flags := range map[string][]string{"dynamic": nil, "static": {"-static"}} {
		args := append([]string{"-O2", "-Wall", "-pthread", "-o", filepath.Join(dir, name)}, flags...)
		if err := command(nil, "gcc", append(args, sources...)...); err != nil {
			return err
		}
	}
	return nil
}

func command(env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %v: %w\n%s", name, args, err, out)
	}
	return nil
}
