package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"allroads/internal/unit"

	"github.com/spf13/cobra"
)

// unitFlags say whose units are meant.
type unitFlags struct {
	root string
	user bool
}

func (f *unitFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.root, "root", "", "units of the system in `DIR`, such as an image that is being built")
	c.Flags().BoolVar(&f.user, "user", false, "units of this user's own service manager")
}

func someUnits(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return &usageError{errors.New("missing UNIT"), c.CommandPath()}
	}
	return nil
}

// parse reads names of units, and finds where units are.
func (f *unitFlags) parse(c *cobra.Command, args []string) (tree *unit.Tree, names []unit.Name, err error) {
	for _, arg := range args {
		name, err := unit.ParseName(arg)
		if err != nil {
			return nil, nil, &usageError{err, c.CommandPath()}
		}
		names = append(names, name)
	}
	if f.user && f.root != "" {
		return nil, nil, &usageError{errors.New("--user and --root: one or the other"), c.CommandPath()}
	}
	tree, err = f.tree()
	return tree, names, err
}

func (f *unitFlags) tree() (*unit.Tree, error) {
	if f.user {
		return userTree()
	}
	if f.root == "" {
		return unit.System(""), nil
	}
	root, err := filepath.Abs(f.root)
	if err != nil {
		return nil, fmt.Errorf("--root %s: %w", f.root, err)
	}
	if info, err := os.Stat(root); err != nil {
		return nil, fmt.Errorf("--root: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("--root %s: not a directory", root)
	}
	return unit.System(root), nil
}

func userTree() (*unit.Tree, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, fmt.Errorf("find this user's units: %w", err)
	}
	or := func(variable, folder string) string {
		if value := os.Getenv(variable); filepath.IsAbs(value) {
			return value
		}
		return filepath.Join(home, folder)
	}
	return unit.User(or("XDG_CONFIG_HOME", ".config"), or("XDG_DATA_HOME", ".local/share"), os.Getenv("XDG_RUNTIME_DIR")), nil
}

// refusal is an error that says no, with the exit code for that, where it is one.
func refusal(err error) error {
	for _, no := range []error{unit.ErrEdited, unit.ErrForeign, unit.ErrNotEnabled} {
		if errors.Is(err, no) {
			fmt.Fprintln(os.Stderr, "allroads: "+oneLine(err))
			return status(exitNo)
		}
	}
	return err
}
