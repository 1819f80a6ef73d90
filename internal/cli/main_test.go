package cli_test

import (
	"os"
	"path/filepath"
	"testing"

	"allroads/internal/cli"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts run this test program under the names of these commands.
func TestMain(m *testing.M) {
	// The race detector has programs stay for a second at their end.
	if os.Getenv("GORACE") == "" {
		os.Setenv("GORACE", "atexit_sleep_ms=0")
	}
	testscript.Main(m, map[string]func(){
		"allroads": func() { os.Exit(cli.Main(os.Args[1:])) },
		"ip-mptcp": func() { os.Exit(cli.Main(os.Args[1:])) },
		"deny":     func() { os.Exit(deny(os.Args[1:])) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
		},
		Condition: condition,
		Setup: func(env *testscript.Env) error {
			captures, err := filepath.Abs("../../trace/testdata")
			env.Setenv("CAPTURES", captures)
			return err
		},
	})
}

func condition(name string) (bool, error) {
	if name == "root" {
		return os.Geteuid() == 0, nil
	}
	return false, nil
}
