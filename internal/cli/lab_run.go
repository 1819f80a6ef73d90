package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"allroads/internal/scenario"
	"allroads/lab"

	"github.com/spf13/cobra"
)

type runFlags struct {
	in, junit, pcap string
	json            bool
}

func newLabRun() *cobra.Command {
	var flags runFlags
	command := &cobra.Command{
		Use:   "run FILE [-- COMMAND [ARGUMENT...]]",
		Short: "build a lab, play its scenario or run a command in it, and take it down",
		Long: `run builds the lab of a topology file, plays the file's scenario, says what came of
it, and takes the lab down. Exit code: 0 all is as expected, 1 something is not,
3 it could not be done.

With a command, run runs that in one of the hosts instead, with the terminal,
working directory and files that it has here; the exit code is the command's. The
lab goes when the command has ended, or when this program is killed.

A shell in a phone between Wi-Fi and LTE:

    allroads lab run examples/wifi-lte.yaml --in phone -- sh`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := flags.check(c, args); err != nil {
				return &usageError{err, c.CommandPath()}
			}
			topology, err := loadLab(args[0])
			if err != nil {
				return err
			}
			if len(args) == 1 && topology.Scenario == nil {
				return &usageError{fmt.Errorf("%s has no scenario: give a command, after --", args[0]), c.CommandPath()}
			}
			if len(args) == 1 {
				return withRights(func() error { return playScenario(c.Context(), topology, &flags) })
			}
			host, err := chooseHost(topology, flags.in)
			if err != nil {
				return &usageError{err, c.CommandPath()}
			}
			return withRights(func() error { return runInLab(c.Context(), topology, host, args[1:]) })
		},
	}
	f := command.Flags()
	f.SortFlags = false
	f.StringVar(&flags.in, "in", "", "the `HOST` to run the command in (default: the file's first)")
	f.BoolVar(&flags.json, "json", false, "print what came of the scenario as one JSON value")
	f.StringVar(&flags.junit, "junit", "", "write what came of the scenario to `FILE` as JUnit XML")
	f.StringVarP(&flags.pcap, "write", "w", "", "write the scenario's packets to `FILE` as pcapng")
	return command
}

func (f *runFlags) check(c *cobra.Command, args []string) error {
	dash := c.ArgsLenAtDash()
	switch {
	case len(args) == 0 || dash == 0:
		return errors.New("missing FILE")
	case dash < 0 && len(args) > 1:
		return fmt.Errorf("unexpected argument %q: a command stands after --", args[1])
	case dash > 1:
		return fmt.Errorf("unexpected argument %q", args[1])
	case dash == 1 && len(args) == 1:
		return errors.New("no command after --")
	case dash < 0 && f.in != "":
		return errors.New("--in is for a command, after --")
	case dash == 1 && (f.json || f.junit != "" || f.pcap != ""):
		return errors.New("--json, --junit and --write are for a scenario, not for a command")
	case f.pcap == "-" || f.pcap != "" && isStandardOutput(f.pcap):
		return fmt.Errorf("--write %q: not a file of its own: the result goes to standard output", f.pcap)
	}
	return nil
}

// chooseHost is the host with a name, or the first one.
func chooseHost(topology *lab.Topology, name string) (string, error) {
	if name == "" {
		return topology.Hosts[0].Name, nil
	}
	if !slices.Contains(topology.Names(), name) {
		return "", fmt.Errorf("no host %q in topology %s", name, topology.Name)
	}
	return name, nil
}

func runInLab(ctx context.Context, topology *lab.Topology, host string, command []string) error {
	network, err := lab.Up(ctx, topology, lab.Options{})
	if err != nil {
		return err
	}
	defer network.Close()
	return runForeground(network.Host(host), command)
}

func playScenario(ctx context.Context, topology *lab.Topology, flags *runFlags) error {
	var report *scenario.Report
	pcap, done, err := flags.output(&report)
	if err != nil {
		return err
	}
	defer done()
	network, err := lab.Up(ctx, topology, lab.Options{})
	if err != nil {
		return err
	}
	defer network.Close()
	out := newScreen(os.Stdout)
	view := scenarioView{out}
	options := scenario.Options{Pcap: pcap}
	if !flags.json {
		view.begin(topology)
		options.Observer = scenario.Observer{Begins: view.begins, Ended: view.ended, Judged: view.judged, Traffic: view.traffic}
	}
	if report, err = scenario.Play(ctx, network, options); err != nil {
		return err
	}
	if flags.json {
		out.json(report)
	} else {
		view.verdict(report)
	}
	if err := errors.Join(out.failed(), flags.writeJUnit(report)); err != nil {
		return err
	}
	if !report.Passed {
		return status(exitNo)
	}
	return nil
}

// output opens the file for packets, if one is wanted; done closes it, and removes
// it when there is no report.
func (f *runFlags) output(report **scenario.Report) (pcap io.Writer, done func(), err error) {
	if f.pcap == "" {
		return nil, func() {}, nil
	}
	file, err := createOutput(f.pcap)
	if err != nil {
		return nil, nil, fmt.Errorf("write packets: %w", err)
	}
	return file, func() { file.close(*report != nil) }, nil
}

func (f *runFlags) writeJUnit(report *scenario.Report) error {
	if f.junit == "" {
		return nil
	}
	text, err := report.JUnit()
	if err == nil {
		err = os.WriteFile(f.junit, text, 0o666)
	}
	if err != nil {
		return fmt.Errorf("write JUnit report: %w", err)
	}
	return nil
}
