package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"allroads/internal/control"

	"github.com/spf13/cobra"
)

// Exit codes, as those of allroads.
const (
	exitYes    = 0
	exitUsage  = 2 // a command line or a configuration that cannot be understood
	exitSystem = 3 // the system cannot: permission, or a missing feature
)

// UsageError is a command line that cannot be understood.
type UsageError struct{ Err error }

// Error says what is wrong with it.
func (e UsageError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong with it.
func (e UsageError) Unwrap() error { return e.Err }

// configError is a configuration that cannot be understood.
type configError struct{ error }

func (e configError) Unwrap() error { return e.error }

// Main is the whole program without its other commands.
func Main(args []string) (code int) { return Run(Command(), args) }

// Run executes a command line, and returns the exit code. SIGINT and SIGTERM end the
// command's context.
func Run(root *cobra.Command, args []string) (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	root.SetArgs(args)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitYes
	}
	var wrong configError
	if errors.As(err, &wrong) { // Its lines begin with the file, as those of a compiler.
		fmt.Fprintln(os.Stderr, err)
		return exitUsage
	}
	fmt.Fprintf(os.Stderr, "%s: %s\n", command.CommandPath(), strings.ReplaceAll(err.Error(), "\n", "; "))
	var usage UsageError
	if errors.As(err, &usage) {
		fmt.Fprintf(os.Stderr, "see `%s --help`\n", command.CommandPath())
		return exitUsage
	}
	return exitSystem
}

// flags are those of the command line.
type flags struct {
	config, confDir       string
	socket, state         string
	namespaces            []string
	level                 string
	check, dryRun, schema bool
}

// Command is the command allroadsd: without a word, the daemon.
func Command() *cobra.Command {
	var f flags
	command := &cobra.Command{
		Use:   "allroadsd [--config FILE] [--namespace NAME]... | --check [FILE] | --dry-run | --schema",
		Short: "the path manager that stays in the background",
		Long: `allroadsd manages the paths of Multipath TCP connections. By default it keeps the kernel's
endpoints and limits equal to what the addresses of this host and its configuration
call for: each global address of an interface that is up and has a default route is an
endpoint. Under the userspace path manager it decides about each connection by itself.

    allroadsd
    allroadsd --check /etc/allroads/allroads.yaml
    allroadsd --dry-run

SIGHUP, or ` + "`allroads reload`" + `, has it read its configuration anew: a file with a mistake
changes nothing. SIGTERM and SIGINT end it; what it did to the kernel is undone, unless the
configuration says on_stop: keep. After SIGKILL, the next allroadsd takes over what is there.
` + "`allroads status`, `paths`, `explain` and `events`" + ` tell what it does.

Exit code: 0, 2 usage or a mistake in the configuration, 3 the system cannot.`,
		Version:       release(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			f.complete(c.Flags().Changed("conf-dir"))
			return f.run(c, args)
		},
	}
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return UsageError{Err: err} })
	f.add(command)
	return command
}

// The defaults.
const (
	defaultConfig  = "/etc/allroads/allroads.yaml"
	defaultConfDir = "conf.d" // beside the file
	defaultState   = "/run/allroads/daemon"
)

func (f *flags) add(command *cobra.Command) {
	set := command.Flags()
	set.SortFlags = false
	set.StringVar(&f.config, "config", defaultConfig, "the configuration; without this flag, it need not be there")
	set.StringVar(&f.confDir, "conf-dir", "", "the `DIR`ectory of further files, *.yaml in the order of their names (default conf.d beside the configuration)")
	set.StringVar(&f.socket, "socket", control.DefaultSocket, "the Unix socket to be asked at")
	set.StringVar(&f.state, "state", defaultState, "the `DIR`ectory in which is written down what has to be undone")
	set.StringArrayVar(&f.namespaces, "namespace", nil, "a network namespace to manage, instead of those of the configuration: host, all-with-mptcp, a `NAME` of ip netns, or a path; may be repeated")
	set.StringVar(&f.level, "log-level", "info", "debug, info, warn or error")
	set.BoolVar(&f.check, "check", false, "tell whether the configuration, or a single file, is right, and end")
	set.BoolVar(&f.dryRun, "dry-run", false, "print what would be changed now, as commands of ip(8), and end")
	set.BoolVar(&f.schema, "schema", false, "print the JSON Schema of the configuration, and end")
}

// complete puts the further files beside the file.
func (f *flags) complete(confDirGiven bool) {
	if !confDirGiven {
		f.confDir = filepath.Join(filepath.Dir(f.config), defaultConfDir)
	}
}

func (f *flags) run(c *cobra.Command, args []string) error {
	level, err := parseLevel(f.level)
	switch {
	case err != nil:
		return UsageError{Err: err}
	case len(args) > 1, len(args) == 1 && !f.check:
		return UsageError{Err: fmt.Errorf("unknown command %q", args[0])}
	case more(f.check, f.dryRun, f.schema):
		return UsageError{Err: errors.New("--check, --dry-run, --schema: one of them")}
	case f.schema:
		return f.printSchema(c.OutOrStdout())
	case f.check:
		return f.checkFiles(c.OutOrStdout(), args)
	}
	files := files{main: f.config, dir: f.confDir, needed: c.Flags().Changed("config")}
	if f.dryRun {
		return dryRun(c.Context(), c.OutOrStdout(), files, f.namespaces)
	}
	return serve(c.Context(), options{files: files, socket: f.socket, state: f.state, namespaces: f.namespaces, log: newLog(os.Stderr, level)})
}

// more tells whether more than one is set.
func more(flags ...bool) bool {
	n := 0
	for _, flag := range flags {
		if flag {
			n++
		}
	}
	return n > 1
}

// release is the module version that the binary was built from, as far as the build knows
// it.
func release() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
