package notify_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"allroads/internal/notify"
	"allroads/internal/tally"
	"allroads/internal/watch"
)

// roles are what this test program does when its first word is one of these.
var roles = map[string]func([]string) error{
	notify.Command: func(words []string) error { return notify.Supervise(words, reportTally) },
	"test-run":     runRole,
	"test-exec":    execRole,
	"test-tally":   tallyRole,
}

func reportTally(path string, t *tally.Tally, _ *watch.Watcher) error {
	text, err := json.Marshal(t.Sockets())
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// runRole is what allroads run does: the parent of the program, and its supervisor.
func runRole(command []string) error {
	o := notify.Options{Standby: true, Tally: new(tally.Tally)}
	attr := &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}}
	process, installed, err := notify.Start(command[0], command, attr, o)
	if err != nil {
		return err
	}
	if err := notify.Serve(installed.Listener, o); err != nil {
		return err
	}
	_, err = process.Wait()
	return err
}

// tallyRole runs a command, with --require when that is the first word, and prints the
// tally after it.
func tallyRole(words []string) error {
	o := notify.Options{Require: words[0] == "--require", Tally: new(tally.Tally)}
	attr := &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}}
	process, installed, err := notify.Start(words[1], words[1:], attr, o)
	if err != nil {
		return err
	}
	if err := notify.Serve(installed.Listener, o); err != nil {
		return err
	}
	if _, err = process.Wait(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(o.Tally.Sockets())
}

// execRole is what allroads run --exec does; the first word is the file of the report.
func execRole(words []string) error {
	return notify.Exec(words[1], words[1:], os.Environ(), notify.Options{}, words[0])
}

// self starts this test program in a role.
func self(t testing.TB, words ...string) *exec.Cmd {
	t.Helper()
	file, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(file, words...)
}
