package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"sync/atomic"
	"syscall"

	"allroads/lab"
)

// inForeground says that the terminal belongs to another program, which decides
// what Ctrl-C means.
var inForeground atomic.Bool

// runForeground runs a program in a host as if it had been started here: with
// this process's files, and its exit code as the result. Ctrl-C reaches it from
// the terminal; other signals are passed on. When this process is killed, so is
// the program, which would keep the lab alive.
func runForeground(host *lab.Host, command []string) error {
	inForeground.Store(true)
	defer inForeground.Store(false)
	cmd := host.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-signals:
			_ = cmd.Process.Signal(s) // It may have ended meanwhile.
		case err := <-ended:
			return exitOf(err)
		}
	}
}

// exitOf turns how a program ended into a status of our own.
func exitOf(err error) error {
	var exit *exec.ExitError
	if err == nil || !errors.As(err, &exit) {
		return err
	}
	if code := exit.ExitCode(); code >= 0 {
		return status(code)
	}
	if wait, ok := exit.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
		return status(128 + int(wait.Signal()))
	}
	return fmt.Errorf("wait for the command: %w", err)
}
