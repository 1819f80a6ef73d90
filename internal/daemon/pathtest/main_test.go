package pathtest_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"allroads/lab"
)

// roleVariable makes this test binary another program.
const roleVariable = "ALLROADS_PATHTEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "allroadsd":
		os.Exit(allroadsdMain(os.Args[1:]))
	case "server":
		os.Exit(serve(os.Args[1:]))
	}
	lab.Main(tests{m})
}

// tests are those of the package, with a folder for what they build.
type tests struct{ *testing.M }

// buildDir is gone when all tests are over.
var buildDir string

func (t tests) Run() (code int) {
	dir, err := os.MkdirTemp("", "pathtest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	buildDir = dir
	flag.Parse()
	if atOnce := flag.Lookup("test.parallel"); atOnce.Value.String() == atOnce.DefValue {
		_ = flag.Set("test.parallel", "6") // They wait most of the time.
	}
	return t.M.Run()
}

// patience is how long anything may take on a busy machine.
const patience = 20 * time.Second

// long tells whether tests take the sizes that were promised.
func long() bool { return os.Getenv("ALLROADS_LONG") != "" }

// size is how many of something a test makes.
func size(short, plain, promised int) int {
	switch {
	case long():
		return promised
	case testing.Short():
		return short
	}
	return plain
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
