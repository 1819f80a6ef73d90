package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"allroads/internal/demo"

	"github.com/spf13/cobra"
)

type demoFlags struct {
	json, keep, quiet bool
	pcap              string
	bulk              time.Duration
}

func newDemo() *cobra.Command {
	var flags demoFlags
	command := &cobra.Command{
		Use:   "demo",
		Short: "see Multipath TCP work: build two paths, send over both, prove it from packets",
		Long: `demo builds two hosts joined by two paths, red and blue, sends a message from one
to the other over Multipath TCP, and shows the steps it took with the shell
commands that would do the same, the packets that carried the message, and a
verdict derived from those packets alone.

It needs no root where ordinary users may make user namespaces, touches nothing
of the system's network, and leaves nothing behind.

Exit code: 0 proven, 1 not proven, 2 usage, 3 the system cannot do it.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := flags.check(c.Flags().Changed); err != nil {
				return &usageError{err, c.CommandPath()}
			}
			return withRights(func() error { return runDemo(c.Context(), &flags) })
		},
	}
	f := command.Flags()
	f.SortFlags = false
	f.BoolVar(&flags.json, "json", false, "print the whole result as one JSON value")
	f.StringVar(&flags.pcap, "pcap", "", "write the packets to `FILE` as pcapng")
	f.BoolVar(&flags.keep, "keep", false, "leave the hosts up, and say how to enter and remove them")
	f.DurationVar(&flags.bulk, "bulk", 0, "shape each path to 50 Mbit/s and send in bulk for `DURATION` (\"5s\"); packets\nare then captured without most of their payload")
	f.BoolVarP(&flags.quiet, "quiet", "q", false, "print the verdict only")
	return command
}

func runDemo(ctx context.Context, flags *demoFlags) error {
	var result *demo.Result
	options := demo.Options{Bulk: flags.bulk, Keep: flags.keep}
	if flags.pcap != "" {
		file, err := createOutput(flags.pcap)
		if err != nil {
			return fmt.Errorf("write packets: %w", err)
		}
		defer func() { file.close(result != nil) }()
		options.Pcap = file
	}
	out := newScreen(os.Stdout)
	view := demoView{out: out, messages: newScreen(os.Stderr)}
	if !flags.json && !flags.quiet {
		view.begin()
		options.Observer = demo.Observer{Step: view.step, Progress: view.progress}
	}
	var err error
	result, err = demo.Run(ctx, options)
	view.endProgress()
	if err != nil {
		return err
	}
	if err := printDemo(&view, flags, result); err != nil {
		return err
	}
	if result.Kept != nil {
		if err := result.Kept.Confirm(); err != nil {
			return err
		}
	}
	if !result.Proven {
		return status(exitNo)
	}
	return nil
}

func printDemo(view *demoView, flags *demoFlags, result *demo.Result) error {
	switch {
	case flags.json:
		encoder := json.NewEncoder(view.out.file)
		encoder.SetIndent("", "  ")
		view.out.err = encoder.Encode(result)
	case flags.quiet:
		view.kept(result)
		view.verdict(result)
	default:
		view.packets(result)
		view.connections(result)
		view.bulk(result)
		view.kept(result)
		view.out.printf("\n")
		view.verdict(result)
	}
	return view.out.failed()
}

// check finds what cannot be meant.
func (f *demoFlags) check(changed func(string) bool) error {
	switch {
	case changed("bulk") && f.bulk <= 0:
		return fmt.Errorf("--bulk %v: not a time span above 0", f.bulk)
	case f.json && f.quiet:
		return errors.New("--json and --quiet: one or the other")
	case changed("pcap") && (f.pcap == "" || f.pcap == "-" || isStandardOutput(f.pcap)):
		return fmt.Errorf("--pcap %q: not a file of its own: the result goes to standard output", f.pcap)
	}
	return nil
}

// isStandardOutput reports whether a path leads to where the result is printed.
// What goes to /dev/null is mixed with nothing.
func isStandardOutput(path string) bool {
	file, err := os.Stat(path)
	if err != nil || path == os.DevNull {
		return false
	}
	output, err := os.Stdout.Stat()
	return err == nil && os.SameFile(file, output)
}
