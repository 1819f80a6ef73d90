// Package matrix runs programs of many kinds under `allroads run`, the real one, in labs:
// what their sockets are they say themselves, what goes over the wire is captured.
//
// In a virtual machine, where nothing can be built, it takes all programs from the folder that
// ALLROADS_MATRIX_PROGRAMS names: allroads, allroadsd, and those of built.
package matrix

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"allroads/internal/netns"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() { // Each program is started by an allroads that was built apart.
		fmt.Println("not with -short")
		os.Exit(0)
	}
	parallel := flag.Lookup("test.parallel")
	if parallel.Value.String() == parallel.DefValue {
		_ = parallel.Value.Set("12") // Cells wait more than they work.
	}
	code := netns.RunTests(m)
	if work != "" {
		os.RemoveAll(work)
	}
	os.Exit(code)
}

// work is a folder that all users may write into, once somebody has asked for it.
var work string

var makeWork = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "allroads-matrix-")
	if err != nil {
		return "", err
	}
	work = dir
	return dir, os.Chmod(dir, 0o777)
})

// file is a path that no other test has, in a folder that all users may write into.
func file(t *testing.T, name string) string {
	t.Helper()
	dir, err := makeWork()
	if err == nil {
		dir, err = os.MkdirTemp(dir, "test-")
	}
	if err == nil {
		err = os.Chmod(dir, 0o777)
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, name)
}
