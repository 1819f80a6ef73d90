package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"allroads/internal/supervisor"
	"allroads/lab"

	"github.com/spf13/cobra"
)

func newLabUp() *cobra.Command {
	var name string
	command := &cobra.Command{
		Use:   "up FILE",
		Short: "build a lab that stays up in the background",
		Long: `up builds the lab of a topology file and leaves it up, until ` + "`allroads lab down`" + `.
As root, its namespaces have names for ip-netns(8), LAB-HOST. An ordinary user's
lab is held by a process in the background, and goes with it.`,
		Args: arguments("FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			topology, err := loadLab(args[0])
			if err != nil {
				return err
			}
			if name != "" {
				if !lab.ValidName(name) {
					return &usageError{fmt.Errorf("--name %q: letters, digits, '_' and '-' only, at most 63", name), c.CommandPath()}
				}
				topology.Name = name
			}
			return labUp(c.Context(), topology, args[0])
		},
	}
	command.Flags().StringVar(&name, "name", "", "call the lab `NAME`, not what the file calls it")
	return command
}

// loadLab reads a topology for a command that cannot go on without; what is wrong
// with it is said with the lines where it is.
func loadLab(path string) (*lab.Topology, error) {
	topology, err := lab.Load(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "allroads: "+err.Error())
		return nil, status(exitSystem)
	}
	return topology, nil
}

func labUp(ctx context.Context, topology *lab.Topology, path string) error {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	started, err := supervisor.Start(ctx, topology, path)
	if err != nil {
		return err
	}
	out := newScreen(os.Stdout)
	about := started.About
	out.printf("lab %s is up: hosts %s; links %d\n", out.paint(bold, about.Name), strings.Join(about.Hosts, ", "), about.Links)
	if about.Names != nil {
		out.printf("  namespaces      %s\n", strings.Join(about.Names, " "))
	}
	out.printf("  enter a host    allroads lab exec %s/%s -- sh\n", about.Name, about.Hosts[0])
	out.printf("  look at it      allroads lab show %s\n", about.Name)
	out.printf("  take it down    allroads lab down %s\n", about.Name)
	if err := out.failed(); err != nil {
		return err // Nobody was told of the lab, and so it goes.
	}
	return started.Confirm()
}

// arguments refuses another number of arguments than named, as bad usage.
func arguments(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return &usageError{fmt.Errorf("missing %s", strings.Join(names[len(args):], " and ")), c.CommandPath()}
		case len(args) > len(names):
			return &usageError{fmt.Errorf("unexpected argument %q", args[len(names)]), c.CommandPath()}
		}
		return nil
	}
}

// The two processes behind a lab that is up.

func newLabWatch() *cobra.Command {
	return &cobra.Command{
		Use: supervisor.WatchCommand, Hidden: true, Args: arguments("LAB"),
		RunE: func(_ *cobra.Command, args []string) error { return supervisor.Watch(args[0]) },
	}
}

func newLabServe() *cobra.Command {
	return &cobra.Command{
		Use: supervisor.ServeCommand, Hidden: true, Args: arguments("LAB", "WATCHER"),
		RunE: func(_ *cobra.Command, args []string) error {
			watcher, err := strconv.Atoi(args[1])
			if err != nil {
				return err
			}
			return supervisor.Serve(watcher)
		},
	}
}
