package netnstest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"allroads/internal/netns"
)

// Run runs a program of the system, such as ip(8), in the namespace, and
// returns what it prints, in English; an error holds what it says on standard
// error.
// command is divided at spaces. The test is skipped, as by Missing, where the
// program is not installed.
func Run(t testing.TB, ns *netns.NS, command string) (string, error) {
	t.Helper()
	words := strings.Fields(command)
	path, err := find(words[0])
	if err != nil {
		Missing(t, err.Error())
	}
	var stdout, stderr bytes.Buffer
	err = ns.Do(func() error {
		cmd := exec.Command(path, words[1:]...)
		cmd.Env = append(os.Environ(), "LC_ALL=C")
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		return cmd.Run()
	})
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", command, err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), err
}

// Output is Run for a program that has to succeed.
func Output(t testing.TB, ns *netns.NS, command string) string {
	t.Helper()
	out, err := Run(t, ns, command)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// find looks where an ordinary user's PATH may not lead, too.
func find(program string) (string, error) {
	path, err := exec.LookPath(program)
	for _, dir := range []string{"/usr/sbin", "/sbin"} {
		if err != nil {
			path, err = exec.LookPath(filepath.Join(dir, program))
		}
	}
	if err != nil {
		return "", fmt.Errorf("program %s", program)
	}
	return path, nil
}
