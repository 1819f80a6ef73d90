// Package cli is the command line: each command is parsed, calls the package
// that does the work, and renders the value it gets back.
package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// Exit codes of every command. A signal that ends one adds its number to 128.
const (
	exitYes    = 0
	exitNo     = 1 // the answer is no: a verdict failed
	exitUsage  = 2
	exitSystem = 3 // the system cannot: permission, or a missing feature
)

// status is an exit code that needs no words, for what was said already.
type status int

func (s status) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// usageError is a command line that cannot be understood.
type usageError struct {
	err     error
	command string
}

func (e *usageError) Error() string {
	return fmt.Sprintf("%v: see `%s --help`", e.err, e.command)
}

// interrupted is why a command's context ends: a signal.
type interrupted struct{ signal syscall.Signal }

func (i interrupted) Error() string { return "interrupted by signal " + i.signal.String() }

// untilSignal returns a context that ends when the terminal, or somebody with
// kill(1), asks this process to.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) { // nohup(1) means it
			signal.Notify(signals, s)
		}
	}
	go func() {
		for s := range signals {
			if !inForeground.Load() {
				cancel(interrupted{s.(syscall.Signal)})
				break
			}
		}
		// Ctrl-C reaches this process twice when another passes it on. After a
		// while, a second one is meant: for a command that does not end.
		time.Sleep(secondSignal)
		signal.Reset(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	}()
	return ctx
}

const secondSignal = time.Second

// Main runs allroads with the arguments behind its name and returns the exit
// code.
func Main(args []string) int {
	if code, done := atOnce(os.Args[0], args); done {
		return code
	}
	ctx := untilSignal()
	root := newRoot()
	root.SetArgs(args)
	return exitCode(ctx, root.ExecuteContext(ctx))
}

func exitCode(ctx context.Context, err error) int {
	var silent status
	var usage *usageError
	var input badInput
	var end interrupted
	switch {
	case err == nil:
		return exitYes
	case errors.As(err, &silent):
		return int(silent)
	case errors.As(context.Cause(ctx), &end):
		fmt.Fprintln(os.Stderr, "allroads: interrupted")
		return 128 + int(end.signal)
	}
	fmt.Fprintln(os.Stderr, "allroads: "+oneLine(err))
	if errors.As(err, &usage) || errors.As(err, &input) {
		return exitUsage
	}
	return exitSystem
}

// oneLine puts errors that were joined, a line each, into one.
func oneLine(err error) string {
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "allroads",
		Short: "use all network paths at once with Multipath TCP",
		Long: "allroads makes Linux hosts use all their network paths at once with Multipath\n" +
			"TCP (RFC 8684), and proves from packets that they do.",
		Version: version(),

		SuggestionsMinimumDistance: 2, // letters that may differ
		SilenceErrors:              true,
		SilenceUsage:               true,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{unknownCommand(c, args[0]), c.CommandPath()}
			}
			c.SetOut(os.Stderr)
			_ = c.Help()
			return status(exitUsage)
		},
		Args:              cobra.ArbitraryArgs,
		CompletionOptions: cobra.CompletionOptions{},
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return &usageError{err, c.CommandPath()}
	})
	root.SetHelpCommand(newHelp(root))
	root.AddCommand(newDemo(), newLab(), newConns(), newTop(), newNC(), newBench(), newAnalyze(), newRun(), newSupervise(), newMan(root))
	root.AddCommand(newCheckProgram(), newEnable(), newDisable(), newEnabled())
	root.AddCommand(newStatus(), newPaths(), newExplain(), newEvents(), newReload())
	root.AddCommand(newPathManager()...)
	root.AddCommand(newExtractCommand())
	root.AddCommand(newCaptureCommand())
	root.AddCommand(newAnonymizeCommand())
	return root
}

// newHelp is cobra's help command, but a command that does not exist is bad
// usage.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "say how a command is used",
		RunE: func(_ *cobra.Command, args []string) error {
			command, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return &usageError{unknownCommand(root, args[0]), root.CommandPath()}
			}
			return command.Help()
		},
	}
}

func unknownCommand(c *cobra.Command, name string) error {
	text := fmt.Sprintf("unknown command %q", name)
	if near := c.SuggestionsFor(name); len(near) > 0 {
		text += ": did you mean " + strings.Join(near, " or ") + "?"
	}
	return errors.New(text)
}

// noArguments refuses arguments as bad usage.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{fmt.Errorf("unexpected argument %q", args[0]), c.CommandPath()}
	}
	return nil
}
