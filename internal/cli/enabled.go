package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"allroads/internal/unit"

	"github.com/spf13/cobra"
)

func newEnabled() *cobra.Command {
	var units unitFlags
	var asJSON bool
	command := &cobra.Command{
		Use:   "enabled [UNIT...]",
		Short: "list the systemd units that use MPTCP, and what sockets they really have",
		Long: `enabled lists the units that ` + "`allroads enable`" + ` has made a drop-in for, or says so of
those that are named. Of those that run, it counts the TCP and MPTCP sockets that their
processes hold, as the kernel says that they are; MPTCP connections that fell back to
TCP are counted apart.

What stands under STATE when it is not ok:

    stale          the unit has changed since: enable it again
    overridden     another drop-in, that is read later, sets the same
    edited         somebody has changed the drop-in
    no allroads    the program that the drop-in names is not there: the unit cannot start
    no unit        the unit is gone, or masked

Exit code: 0 when all that are named are enabled, 1 when one is not.`,
		Example: `  allroads enabled
  allroads enabled --json nginx`,
		RunE: func(c *cobra.Command, args []string) error {
			tree, names, err := units.parse(c, args)
			if err != nil {
				return err
			}
			return enabled(c.Context(), tree, names, asJSON, units.root == "")
		},
	}
	units.add(command)
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON value")
	return command
}

// enabledUnit is a unit in the list.
type enabledUnit struct {
	state   unit.State
	enabled bool
	running *runningUnit // nil: not looked for
}

func enabled(ctx context.Context, tree *unit.Tree, names []unit.Name, asJSON, here bool) error {
	found, err := findEnabled(tree, names)
	if err != nil {
		return err
	}
	var errs []error
	all := true
	for i := range found {
		all = all && found[i].enabled
		if here && found[i].enabled {
			found[i].running, err = lookAtUnit(ctx, found[i].state)
			errs = append(errs, err)
		}
	}
	out := newScreen(os.Stdout)
	if asJSON {
		out.json(newShownEnabled(found))
	} else {
		listEnabled(out, found)
	}
	if err := errors.Join(append(errs, out.failed())...); err != nil {
		return err
	}
	if !all {
		return status(exitNo)
	}
	return nil
}

func findEnabled(tree *unit.Tree, names []unit.Name) (found []enabledUnit, err error) {
	if len(names) == 0 {
		states, err := tree.Enabled()
		for _, s := range states {
			found = append(found, enabledUnit{state: s, enabled: true})
		}
		return found, err
	}
	for _, name := range names {
		s, enabled, err := tree.State(name)
		if err != nil {
			return nil, fmt.Errorf("find out whether %s is enabled: %w", name, err)
		}
		found = append(found, enabledUnit{state: s, enabled: enabled})
	}
	return found, nil
}
