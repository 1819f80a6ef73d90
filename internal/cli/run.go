package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"allroads/internal/choose"
	"allroads/internal/convert"
	"allroads/internal/program"

	"github.com/spf13/cobra"
)

type programFlags struct {
	strategy, argv0, cgroup, report         string
	only, except, ignored                   []string
	identity, require, explain, quiet, exec bool
}

func newRun() *cobra.Command {
	var flags programFlags
	command := &cobra.Command{
		Use:   "run [flags] [--] COMMAND [ARGUMENT...]",
		Short: "run a program, unchanged, with MPTCP sockets in the place of its TCP sockets",
		Long: `run starts a program so that each TCP socket which it or its children open is one of
Multipath TCP, and tells at the end what was caught. The program may be static, written in
Go, a script; it need not know of MPTCP. What is no TCP socket is left alone.

    allroads run -- curl -O https://example.org/file
    allroads run --explain -- ssh host
    allroads run --only :443 -- wget https://example.org/

How it is done depends on the program and on this host, and --explain tells:

    godebug  a Go program that opens sockets by package net only is told to do so itself
    bpf      the kernel does it, for a cgroup (root; Linux 6.6; tracing programs allowed)
    notify   allroads opens the sockets, and puts them into the program
    trace    allroads changes the program's calls while it stands still (ptrace)

Sockets opened through io_uring stay TCP: the report tells of programs that use it.
Started by an ordinary user, notify and trace take set-uid programs their rights.

A RULE of --only and --except is HOST, HOST:PORT, HOST/PORT, :PORT or a prefix like
10.0.0.0/8; PORT may be a range or a name. It decides where the program connects to, or
where it is bound. Names are looked up once.

The exit code is the program's; 3 when it cannot be started so. SIGUSR1 prints the
report so far; other signals are passed on.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{errors.New("missing COMMAND"), c.CommandPath()}
			}
			options, err := flags.options(c.Context(), args, c.Flags().Changed("argv0"))
			if errors.As(err, new(*choose.LookupError)) {
				return err
			}
			if err != nil {
				return &usageError{err, c.CommandPath()}
			}
			if options.Path, err = program.Find(args[0]); err != nil {
				return err
			}
			inForeground.Store(true) // The program decides what signals mean.
			return flags.run(options)
		},
	}
	f := command.Flags()
	f.SortFlags = false
	f.SetInterspersed(false) // What follows COMMAND is its own.
	f.StringVar(&flags.strategy, "strategy", "auto", "`HOW` it is done: "+strings.Join(convert.Names(), ", "))
	f.BoolVar(&flags.explain, "explain", false, "tell which strategy is taken, and why others are not")
	f.BoolVar(&flags.identity, "preserve-identity", false, "the program makes its sockets itself: with its user, cgroup and security label")
	f.BoolVar(&flags.require, "require", false, "socket() fails (EPROTONOSUPPORT) where it cannot be MPTCP")
	f.StringArrayVar(&flags.only, "only", nil, "MPTCP only to or at `RULE`; may be given again")
	f.StringArrayVar(&flags.except, "except", nil, "no MPTCP to or at `RULE`; may be given again")
	f.StringVar(&flags.cgroup, "cgroup", "", "run it in the cgroup `DIR`, whose programs all get MPTCP sockets (bpf)")
	f.StringVar(&flags.report, "report", "", "write the report to `FILE`, as JSON")
	f.BoolVarP(&flags.quiet, "quiet", "q", false, "print no report")
	f.BoolVar(&flags.exec, "exec", false, "become the program, with its process number: for services")
	f.StringVar(&flags.argv0, "argv0", "", "the `NAME` that the program is told it has")
	f.StringArrayVar(&flags.ignored, "ignore-signal", nil, "`SIGNAL` is ignored by the program from the start, like PIPE by services")
	return command
}

func (f *programFlags) options(ctx context.Context, args []string, named bool) (convert.Options, error) {
	options := convert.Options{
		Args: args, PreserveIdentity: f.identity, Require: f.require, Cgroup: f.cgroup, Exec: f.exec,
		Waiting: func(tasks int) {
			fmt.Fprintf(os.Stderr, "allroads run: the program has ended; waiting for %s that it left\n", plural(tasks, "thread"))
		},
	}
	var err error
	if options.Strategy, err = convert.ParseStrategy(f.strategy); err != nil {
		return options, err
	}
	if len(f.only)+len(f.except) > 0 {
		ctx, cancel := context.WithTimeout(ctx, lookupTime)
		defer cancel()
		if options.Rules, err = choose.New(ctx, f.only, f.except); err != nil {
			return options, err
		}
	}
	if named {
		options.Args = append([]string{f.argv0}, args[1:]...)
	}
	return options, convert.Ignore(f.ignored)
}

const lookupTime = 10 * time.Second

func (f *programFlags) run(options convert.Options) error {
	plan, err := convert.Choose(options)
	if plan != nil && f.explain {
		explainRun(os.Stderr, plan)
	}
	if err != nil {
		return err
	}
	if f.exec {
		return plan.Become(f.report)
	}
	var file *output
	if f.report != "" {
		if file, err = createOutput(f.report); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	taken := plan.Taken()
	report, err := plan.Run(func(r *convert.Report) { printRun(os.Stderr, r) })
	if report == nil {
		return err
	}
	if f.explain && taken != report.Strategy {
		explainRun(os.Stderr, plan) // It was tried, and did not work.
	}
	// Whatever went wrong afterwards: the exit code is the program's.
	if err := errors.Join(err, f.tell(report, file)); err != nil {
		fmt.Fprintln(os.Stderr, "allroads run: "+oneLine(err))
	}
	report.Exit.Repeat()
	return status(report.Exit.Code)
}

// tell gives the report to who wants it.
func (f *programFlags) tell(report *convert.Report, file *output) error {
	switch {
	case file != nil:
		defer file.close(true)
		encoder := json.NewEncoder(file)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	case !f.quiet:
		printRun(os.Stderr, report)
	}
	return nil
}

// newSupervise is for run itself, which starts this program again.
func newSupervise() *cobra.Command {
	return &cobra.Command{
		Use: convert.SupervisorCommand, Hidden: true, DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, words []string) error { return convert.Supervise(words) },
	}
}
