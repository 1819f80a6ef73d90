package cli

import (
	"context"
	"os"
	"strings"

	"allroads/internal/control"

	"github.com/spf13/cobra"
)

func newEvents() *cobra.Command {
	var flags *daemonFlags
	var follow bool
	command := &cobra.Command{
		Use:   "events",
		Short: "print what happened to allroadsd, and what it did",
		Long: `events prints what the path manager allroadsd heard of and did lately, a line each,
the oldest first; with --follow also what comes, until Ctrl-C.

    allroads events
    allroads events --follow
    allroads events --json | jq 'select(.kind == "subflow")'

Who reads more slowly than things happen, misses some: an event of kind missed says how
many.

Exit code: 0; ` + daemonExits + `,
or has ended while it was followed.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return quietly(c.Context(), printEvents(c.Context(), flags, follow))
		},
	}
	flags = withDaemon(command, "print a line of JSON for each")
	command.Flags().BoolVarP(&follow, "follow", "f", false, "go on with what comes")
	return command
}

func printEvents(ctx context.Context, flags *daemonFlags, follow bool) error {
	view := eventsView{connsView{screen: newScreen(os.Stdout)}}
	for answer, err := range flags.client().Events(ctx, follow) {
		if err != nil {
			return err
		}
		if flags.json {
			view.answeredLine(answer.JSON)
		} else {
			view.event(&answer.Value)
		}
		if err := view.failed(); err != nil {
			return err
		}
	}
	return nil
}

// eventsView renders events as lines.
type eventsView struct{ connsView }

func kindColor(kind string) string {
	switch kind {
	case "error", "conflict", "loss", control.KindMissed:
		return red
	case "resync":
		return yellow
	case "reload":
		return blue
	}
	return ""
}

func (v *eventsView) event(e *control.Event) {
	first := v.paint(dim, e.Time.Local().Format("Jan 02 15:04:05.000")) + "  " + v.paint(kindColor(e.Kind), printable(e.Kind))
	words := nonEmpty(e.Namespace, orEmpty(e.Token), e.Text)
	text := strings.Join(words, "  ")
	if e.Why != "" {
		text += " - " + e.Why
	}
	v.wrapped(22, first, strings.Split(" "+printable(text), " "))
}
