package netns

import (
	"flag"
	"os"
	"strings"
)

// noRights is why this test program may not make namespaces.
var noRights error

// Forbidden returns why a test program that RunTests runs may not make
// namespaces, nil when it may.
func Forbidden() error { return noRights }

// RunTests runs a package's tests (m is its *testing.M), as root of a user
// namespace where the caller is not privileged, and returns the exit code.
// Fuzzing is left where it is: its workers talk over inherited files that a
// second start would lose.
func RunTests(m interface{ Run() int }) int {
	if !Inside() && !fuzzing() {
		ok, err := Privileged()
		if err == nil && !ok {
			var code int
			if code, err = Rerun(); err == nil {
				return code
			}
		}
		noRights = err
	}
	if noRights == nil {
		noRights = Rights()
	}
	if noRights != nil {
		// An example cannot skip itself.
		_ = flag.Set("test.skip", "^Example")
	}
	return m.Run()
}

func fuzzing() bool {
	for _, arg := range os.Args[1:] {
		if strings.Contains(arg, "test.fuzz=") || strings.Contains(arg, "test.fuzzworker") {
			return true
		}
	}
	return false
}
