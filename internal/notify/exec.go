package notify

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"allroads/internal/seccomp"
)

// Exec becomes a program with a filter on it: process number, descriptors, limits and
// signals stay. A supervisor is started before in the background, which is no child of
// the program, and ends when nothing has the filter any more; it reports to a file (see
// Supervise) unless that is "". Tally, Watch and Standby are its own affair. Exec returns
// only with an error, and then nothing is left of all that.
func Exec(path string, argv, env []string, o Options, report string) error {
	if report != "" {
		absolute, err := filepath.Abs(report) // The supervisor is in /.
		if err != nil {
			return fmt.Errorf("find the file of the report: %w", err)
		}
		report = absolute
	}
	err := onThread(func() error {
		installed, err := Filter(o).Notify()
		if err != nil {
			return err
		}
		defer installed.Listener.Close()
		// This thread has the filter, and what it starts would have it as well.
		started := make(chan error)
		go func() { started <- startDetached(installed.Listener, o, report) }()
		if err := <-started; err != nil {
			return err
		}
		return os.NewSyscallError("execve", syscall.Exec(path, argv, env))
	})
	return fmt.Errorf("become %s: %w", path, err)
}

// startDetached returns when the supervisor runs and its parent, which was our child, is
// gone.
func startDetached(l *seccomp.Listener, o Options, report string) error {
	ready, theirs, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("start the supervisor: %w", err)
	}
	defer ready.Close()
	listener := dup(l.FD())
	cmd := again("detach", l, o, []string{"--report=" + report}, listener, theirs)
	err = cmd.Run()
	listener.Close()
	theirs.Close()
	if err != nil {
		return fmt.Errorf("start the supervisor: %w", err)
	}
	if _, err := io.ReadFull(ready, make([]byte, 1)); err != nil {
		return errors.New("start the supervisor: it ended at once")
	}
	return nil
}
