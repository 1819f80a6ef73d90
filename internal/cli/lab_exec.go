package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"allroads/internal/supervisor"

	"github.com/spf13/cobra"
)

func newLabExec() *cobra.Command {
	command := &cobra.Command{
		Use:   "exec LAB/HOST [--] [COMMAND [ARGUMENT...]]",
		Short: "run a command in a host of a lab that is up",
		Long: `exec runs a command, or a shell, in a host of a lab that is up, with the working
directory, environment and files that it has here, and a terminal of its own if
input and output are one. Signals are passed on. The exit code is the command's; 3 when it
cannot be started. The command ends with this program, and with the lab.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{errors.New("missing LAB/HOST"), c.CommandPath()}
			}
			name, host, ok := strings.Cut(args[0], "/")
			if !ok || name == "" || host == "" {
				return &usageError{fmt.Errorf("%q is not LAB/HOST", args[0]), c.CommandPath()}
			}
			words := args[1:]
			if len(words) > 0 && words[0] == "--" {
				words = words[1:]
			}
			return execInLab(c.Context(), name, host, words)
		},
	}
	command.Flags().SetInterspersed(false) // What follows LAB/HOST is the command's.
	return command
}

func execInLab(ctx context.Context, name, host string, words []string) error {
	if len(words) == 0 {
		words = []string{shell()}
	}
	path, err := exec.LookPath(words[0])
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err != nil {
		return fmt.Errorf("start %s: %w", words[0], unwrapLookup(err))
	}
	inForeground.Store(true)
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(signals)
	terminal, err := openTerminal()
	if err != nil {
		return err
	}
	defer terminal.close()
	code, err := supervisor.Exec(ctx, name, &supervisor.Command{
		Host: host, Path: path, Words: words, Files: terminal.files, Terminal: terminal.controls, Signals: signals,
	}, terminal.begin)
	if err == nil && code != exitYes {
		err = status(code)
	}
	return err
}

func shell() string {
	if shell := os.Getenv("SHELL"); shell != "" {
		return shell
	}
	return "sh"
}

func unwrapLookup(err error) error {
	if named := (*exec.Error)(nil); errors.As(err, &named) {
		return named.Err
	}
	return err
}
