package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"allroads/internal/control"

	"github.com/spf13/cobra"
)

func newStatus() *cobra.Command {
	var flags *daemonFlags
	var watch time.Duration
	command := &cobra.Command{
		Use:   "status",
		Short: "tell what allroadsd does: whether all is well, what waits and for what, what was lost",
		Long: `status asks the path manager allroadsd. The first line says whether all is well, the
next what is not; then come the local addresses of each network namespace, with their
state and its reason, and what is counted.

    allroads status
    allroads status --watch 1s
    allroads status --json | jq '.namespaces[].addresses'

The state of an address is ready (it is used), waiting (it will be, when what the
reason names has happened), left (it is not to be used), or dropped (there is no place
for it).

Exit code: 0 also when something waits; 1 the configuration was refused, or a namespace
is not managed; ` + daemonExits + `.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("watch") {
				if watch <= 0 {
					return &usageError{fmt.Errorf("--watch %v: not a time span above 0", watch), c.CommandPath()}
				}
				return quietly(c.Context(), watchStatus(c.Context(), flags, watch))
			}
			answer, err := flags.client().Status(c.Context())
			if err != nil {
				return err
			}
			return showStatus(newScreen(os.Stdout), flags.json, answer)
		},
	}
	flags = withDaemon(command, "print one JSON value; with --watch, one in a line for each look")
	command.Flags().DurationVar(&watch, "watch", 0, "look again each `INTERVAL` (\"1s\")")
	return command
}

func showStatus(out *screen, asJSON bool, answer control.Answer[control.Status]) error {
	if asJSON {
		out.answered(answer.JSON)
	} else {
		(&statusView{screen: out}).show(&answer.Value)
	}
	if err := out.failed(); err != nil {
		return err
	}
	if bad, _ := concerns(&answer.Value); len(bad) > 0 {
		return status(exitNo)
	}
	return nil
}

// watchStatus looks again and again. Once it was reached, allroadsd may be restarted.
func watchStatus(ctx context.Context, flags *daemonFlags, every time.Duration) error {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for looked := false; ; looked = true {
		answer, err := flags.client().Status(ctx)
		if err != nil && (!looked || ctx.Err() != nil) {
			return err
		}
		out := newScreen(os.Stdout)
		switch {
		case err != nil && flags.json:
			fmt.Fprintln(os.Stderr, "allroads: "+oneLine(err))
		case flags.json:
			out.answeredLine(answer.JSON)
		default:
			lookAtStatus(out, looked, answer, err)
		}
		if err := out.failed(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

func lookAtStatus(out *screen, looked bool, answer control.Answer[control.Status], err error) {
	if out.terminal() {
		out.printf("%s", clearScreen)
	} else if looked {
		out.printf("\n")
	}
	out.printf("%s\n", out.paint(dim, time.Now().Format("15:04:05")))
	if err != nil {
		out.printf("%s\n", out.paint(red, oneLine(err)))
		return
	}
	(&statusView{screen: out}).show(&answer.Value)
}
