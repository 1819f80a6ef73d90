package cli

import (
	"errors"

	"allroads/internal/supervisor"
	"allroads/lab"

	"github.com/spf13/cobra"
)

func newLabSet() *cobra.Command {
	return &cobra.Command{
		Use:   "set LAB LINK CHANGE...",
		Short: "change a link of a lab that is up",
		Long: `set changes what a link does to packets, from now on:

    down, up                   takes the link's interfaces down, or up
    delay=20ms jitter=5ms      of each packet, and how far it varies
    loss=1% burst=10           lost by chance, and how many in a row on average
    rate=10mbit queue=100      and how many packets may wait for it
    duplicate=1% reorder=1%    sent twice, sent without delay

What is not named stays as it is; 0 takes it away. from=HOST changes only what
happens to the packets of that end.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) < 3 {
				return &usageError{errors.New("missing LAB, LINK or CHANGE"), c.CommandPath()}
			}
			if _, err := lab.ParseChange(args[2:]); err != nil {
				return &usageError{err, c.CommandPath()}
			}
			return supervisor.Set(c.Context(), args[0], args[1], args[2:])
		},
	}
}
