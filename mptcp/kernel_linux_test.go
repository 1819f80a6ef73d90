package mptcp

import (
	"fmt"
	"os"
	"slices"
	"testing"
)

// kernelRelease is the version of the running kernel, major and minor.
func kernelRelease(t testing.TB) (release [2]int) {
	t.Helper()
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(string(text), "%d.%d", &release[0], &release[1]); err != nil {
		t.Fatalf("kernel release %q: %v", text, err)
	}
	return release
}

func atLeast(release, since [2]int) bool { return slices.Compare(release[:], since[:]) >= 0 }

// version reads "6.9"; the empty string is any.
func version(t testing.TB, text string) (v [2]int) {
	t.Helper()
	if text == "" {
		return v
	}
	if _, err := fmt.Sscanf(text, "%d.%d", &v[0], &v[1]); err != nil {
		t.Fatalf("version %q: %v", text, err)
	}
	return v
}
