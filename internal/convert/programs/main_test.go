// Package programs runs programs of everyday, unchanged, under `allroads run` in labs with
// two paths. That what they transfer went over both, packets prove; that nothing is
// different for them, a run of the same without allroads.
package programs

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() { // Each program is started by an allroads that was built apart.
		fmt.Println("not with -short")
		os.Exit(0)
	}
	parallel := flag.Lookup("test.parallel")
	if parallel.Value.String() == parallel.DefValue {
		_ = parallel.Value.Set("8") // Slow links are waited for, more than anything is done.
	}
	code := netns.RunTests(m)
	for _, path := range left {
		os.RemoveAll(path)
	}
	os.Exit(code)
}

// left is what is removed at the end.
var left []string

// built is a folder with allroads, and a program in Go.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "allroads-programs-")
	if err != nil {
		return "", err
	}
	left = append(left, dir)
	for _, b := range [][]string{{"allroads", "allroads/cmd/allroads"}, {"web", "./testdata/web"}} {
		cmd := exec.Command("go", "build", "-o", filepath.Join(dir, b[0]), b[1])
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w\n%s", cmd.Args, err, out)
		}
	}
	return dir, os.Chmod(dir, 0o755)
})

// find returns where a program is: built here, or of the system, where an ordinary
// user's PATH may not lead. One in a home folder is not what others can run.
func find(t *testing.T, name string) string {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{dir, "/usr/bin", "/bin", "/usr/sbin", "/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	netnstest.Missing(t, "program "+name)
	return ""
}

// privilegeFolder is what sshd of Debian wants, and systemd makes.
var privilegeFolder = sync.OnceValue(func() error {
	const path = "/run/sshd"
	err := os.Mkdir(path, 0o755)
	if err == nil {
		left = append(left, path)
	}
	if os.IsExist(err) {
		return nil
	}
	return err
})
