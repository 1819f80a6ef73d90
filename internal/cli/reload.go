package cli

import (
	"os"
	"strings"

	"allroads/internal/control"

	"github.com/spf13/cobra"
)

func newReload() *cobra.Command {
	var flags *daemonFlags
	command := &cobra.Command{
		Use:   "reload",
		Short: "have allroadsd read its configuration anew, and tell what is different",
		Long: `reload has the path manager allroadsd read its configuration anew, and apply what is
different. One with a mistake is refused: then nothing changes. Only root may do this.

    allroadsd --check && allroads reload

Exit code: 0; 1 the configuration was refused;
` + daemonExits + `.`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			answer, err := flags.client().Reload(c.Context())
			if said(err, "the configuration is refused, and nothing has changed:\n", control.CodeRefused) {
				return status(exitNo)
			}
			if err != nil {
				return err
			}
			out := newScreen(os.Stdout)
			if flags.json {
				out.answered(answer.JSON)
			} else {
				showReloaded(out, &answer.Value)
			}
			return out.failed()
		},
	}
	flags = withDaemon(command, "print one JSON value")
	return command
}

func showReloaded(out *screen, r *control.Reloaded) {
	from := "no file: the defaults hold"
	if len(r.Files) > 0 {
		from = strings.Join(r.Files, ", ")
	}
	out.printf("loaded %s\n", printable(from))
	for _, change := range r.Changes {
		out.wrapped(6, "  "+out.paint(green, "-"), strings.Fields(printable(change)))
	}
	if len(r.Changes) == 0 {
		out.printf("nothing is different\n")
	}
}
