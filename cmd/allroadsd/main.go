// Command allroadsd does the work that stays in the background: what is too heavy
// for allroads to link, or has to go on without it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes, as those of allroads.
const (
	exitYes    = 0
	exitUsage  = 2
	exitSystem = 3 // the system cannot: permission, or a missing feature
)

func main() { os.Exit(run(os.Args[1:])) }

// run is the whole program: parse, call, and an error's words and exit code.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitYes
	}
	fmt.Fprintf(os.Stderr, "%s: %s\n", command.CommandPath(), strings.ReplaceAll(err.Error(), "\n", "; "))
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintf(os.Stderr, "see `%s --help`\n", command.CommandPath())
		return exitUsage
	}
	return exitSystem
}

// usageError is a command line that cannot be understood.
type usageError struct{ error }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "allroadsd",
		Short:         "the part of allroads that stays in the background",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("unknown command %q", args[0])}
			}
			return usageError{errors.New("no command")}
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newHook())
	return root
}

// version is the module version that the binary was built from, as far as the
// build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
