package cli

import (
	"fmt"
	"os"

	"allroads/lab"

	"github.com/spf13/cobra"
)

func newLab() *cobra.Command {
	command := &cobra.Command{
		Use:   "lab",
		Short: "build test networks of namespaces from a YAML file",
		Args:  cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{unknownCommand(c, args[0]), c.CommandPath()}
			}
			return c.Help()
		},
		SuggestionsMinimumDistance: 2,
	}
	command.AddCommand(newLabUp(), newLabList(), newLabExec(), newLabRun(), newLabDown(), newLabShow(),
		newLabSet(), newLabCapture(), newLabCheck(), newLabSchema(), newLabWatch(), newLabServe())
	return command
}

func newLabCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE...",
		Short: "say whether topology files are right, and where they are not",
		Long: `check reads topology files and builds nothing. What is wrong is said with file,
line and column. Exit code: 0 all are right, 1 one is not.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{fmt.Errorf("no file named"), c.CommandPath()}
			}
			return checkLabs(args)
		},
	}
}

func checkLabs(paths []string) error {
	out, wrong := newScreen(os.Stdout), false
	for _, path := range paths {
		topology, err := lab.Load(path)
		if err != nil {
			wrong = true
			fmt.Fprintln(os.Stderr, "allroads: "+err.Error())
			continue
		}
		out.printf("%s: right: hosts %d, links %d\n", path, len(topology.Hosts), len(topology.Links))
	}
	if wrong {
		return status(exitNo)
	}
	return out.failed()
}
