package cli

import (
	"github.com/spf13/cobra"
)

func newBench() *cobra.Command {
	command := &cobra.Command{
		Use:   "bench",
		Short: "measure how much connections carry, on each of their paths, and how fast",
		Long: `bench measures between a server and a client, like iperf3, and tells what each
path carried: goodput, times of requests and responses, and the gap that a path
leaves that is cut.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{unknownCommand(c, args[0]), c.CommandPath()}
			}
			return c.Help()
		},
		SuggestionsMinimumDistance: 2,
	}
	command.AddCommand(newBenchServer(), newBenchClient())
	return command
}
