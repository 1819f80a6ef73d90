package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"allroads/internal/unit"

	"github.com/spf13/cobra"
)

func newDisable() *cobra.Command {
	var units unitFlags
	var now, force bool
	command := &cobra.Command{
		Use:   "disable UNIT...",
		Short: "take back what enable made",
		Long: `disable removes the drop-in that ` + "`allroads enable`" + ` made for a unit, and nothing
else. When somebody has edited the drop-in since, it stays, and the exit code is 1.

A unit may be gone already. Remove allroads itself only when nothing is enabled any more:
a service whose command it runs cannot be started without it.`,
		Example: `  allroads disable nginx
  allroads disable --now postgresql@15-main.service`,
		Args: someUnits,
		RunE: func(c *cobra.Command, args []string) error {
			if now && units.root != "" {
				return &usageError{errors.New("--now and --root: one or the other"), c.CommandPath()}
			}
			tree, names, err := units.parse(c, args)
			if err != nil {
				return err
			}
			return disable(c.Context(), tree, names, &units, now, force)
		},
	}
	units.add(command)
	command.Flags().BoolVar(&now, "now", false, "restart the unit if it runs")
	command.Flags().BoolVar(&force, "force", false, "even when the drop-in was edited")
	return command
}

func disable(ctx context.Context, tree *unit.Tree, names []unit.Name, units *unitFlags, now, force bool) error {
	out := newScreen(os.Stdout)
	var removed []unit.Name
	var errs []error
	for _, name := range names {
		path, err := tree.Remove(name, force)
		if errs = append(errs, err); err == nil {
			removed = append(removed, name)
			out.printf("%s: %s removed\n", out.paint(bold, string(name)), filepath.Join("/", tree.Root, path))
		}
	}
	if len(removed) > 0 {
		errs = append(errs, units.reload(ctx, out, removed, now))
	}
	return refusal(errors.Join(append(errs, out.failed())...))
}
