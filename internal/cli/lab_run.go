package cli

import (
	"context"
	"fmt"
	"os"
	"slices"

	"allroads/lab"

	"github.com/spf13/cobra"
)

func newLabRun() *cobra.Command {
	var in string
	command := &cobra.Command{
		Use:   "run FILE [--in HOST] -- COMMAND [ARGUMENT...]",
		Short: "build a lab, run a command in one of its hosts, and take the lab down",
		Long: `run builds the lab of a topology file and runs a command in one of its hosts, with
the terminal, working directory and files that it has here. The lab goes when the
command has ended, or when this program is killed. The exit code is the command's;
3 when the lab cannot be built or the command not started.

A shell in a phone between Wi-Fi and LTE:

    allroads lab run examples/wifi-lte.yaml --in phone -- sh`,
		RunE: func(c *cobra.Command, args []string) error {
			if c.ArgsLenAtDash() != 1 || len(args) < 2 {
				return &usageError{fmt.Errorf("wanted: FILE -- COMMAND"), c.CommandPath()}
			}
			topology, err := lab.Load(args[0])
			if err != nil {
				fmt.Fprintln(os.Stderr, "allroads: "+err.Error())
				return status(exitSystem)
			}
			if in == "" {
				in = topology.Hosts[0].Name
			}
			if !slices.ContainsFunc(topology.Hosts, func(h lab.HostConfig) bool { return h.Name == in }) {
				return &usageError{fmt.Errorf("no host %q in topology %s", in, topology.Name), c.CommandPath()}
			}
			return withRights(func() error { return runInLab(c.Context(), topology, in, args[1:]) })
		},
	}
	command.Flags().StringVar(&in, "in", "", "the `HOST` to run the command in (default: the file's first)")
	return command
}

func runInLab(ctx context.Context, topology *lab.Topology, host string, command []string) error {
	network, err := lab.Up(ctx, topology, lab.Options{})
	if err != nil {
		return err
	}
	defer network.Close()
	return runForeground(network.Host(host), command)
}
