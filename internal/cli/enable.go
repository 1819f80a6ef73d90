package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"allroads/internal/unit"

	"github.com/spf13/cobra"
)

// enableFlags are those of enable.
type enableFlags struct {
	units    unitFlags
	strategy string
	allroads string
	version  int
	dryRun   bool
	now      bool
	force    bool
}

func newEnable() *cobra.Command {
	f := &enableFlags{}
	command := &cobra.Command{
		Use:   "enable UNIT...",
		Short: "have a systemd service use MPTCP, from its next start on",
		Long: `enable makes a drop-in for a unit of systemd, UNIT.d/` + unit.DropInName + ` in
/etc/systemd/system, so that its program uses MPTCP without being changed:

    a service          each line of ExecStart= is run by ` + "`allroads run --exec`" + `, with its
                       prefixes, quotes, variables and specifiers as they are
    a service in Go    where that suffices, GODEBUG=multipathtcp=1 is added to its
                       environment, and the command stays as it is
    a socket unit      SocketProtocol=mptcp; systemd 257 is the first that knows it

The unit's own files stay untouched, and ` + "`allroads disable`" + ` removes what enable
made. UNIT without a suffix is a service. foo@bar.service is an instance, and foo@
all instances. A unit that was changed since, as by an update, is to be enabled again:
` + "`allroads enabled`" + ` tells.

Commands of ExecStartPre=, ExecReload=, ExecStop= and so on are left alone.

Where the unit's sandbox (SystemCallFilter=, NoExecPaths=) forbids what allroads has to
do, the drop-in allows it, and enable says so. Where it hides allroads from the unit,
enable refuses.`,
		Example: `  allroads enable nginx
  allroads enable --now postgresql@15-main.service
  allroads enable --dry-run ssh.socket
  allroads enable --root /mnt/image --allroads /usr/bin/allroads nginx`,
		Args: someUnits,
		RunE: func(c *cobra.Command, args []string) error {
			tree, names, err := f.units.parse(c, args)
			if err == nil {
				err = f.check(c)
			}
			if err != nil {
				return err
			}
			return f.run(c.Context(), tree, names)
		},
	}
	f.units.add(command)
	flags := command.Flags()
	flags.StringVar(&f.strategy, "strategy", "auto", "how a service's program is converted: `WAY` is auto, notify or godebug")
	flags.StringVar(&f.allroads, "allroads", "", "the `PATH` of allroads in the drop-in; default is that of this program")
	flags.IntVar(&f.version, "systemd-version", 0, "the version `N` of systemd that will read it; default is what is installed")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print the drop-in and do nothing")
	flags.BoolVar(&f.now, "now", false, "restart the unit if it runs")
	flags.BoolVar(&f.force, "force", false, "even when the drop-in was edited, or allroads is hidden from the unit")
	return command
}

func (f *enableFlags) check(c *cobra.Command) error {
	usage := func(format string, args ...any) error {
		return &usageError{fmt.Errorf(format, args...), c.CommandPath()}
	}
	switch f.strategy {
	case "auto", unit.Notify, unit.GoDebug:
	case "bpf":
		return errors.New("enable with bpf: nothing here can attach it before a service opens its first socket: --strategy notify")
	case "trace":
		return errors.New("enable with trace: a service has to keep its process id, and a tracer would be its parent: --strategy notify")
	default:
		return usage("--strategy %s: not auto, notify or godebug", f.strategy)
	}
	switch {
	case f.allroads != "" && !filepath.IsAbs(f.allroads):
		return usage("--allroads %s: not an absolute path", f.allroads)
	case f.version < 0:
		return usage("--systemd-version %d: not a version", f.version)
	case f.now && (f.dryRun || f.units.root != ""):
		return usage("--now and --dry-run or --root: one or the other")
	}
	return nil
}

func (f *enableFlags) run(ctx context.Context, tree *unit.Tree, names []unit.Name) error {
	out := newScreen(os.Stdout)
	var made []unit.Name
	var errs []error
	for _, name := range names {
		d, err := f.dropIn(ctx, tree, name)
		switch {
		case err != nil:
			errs = append(errs, err)
		case f.dryRun:
			out.printf("# %s\n%s", filepath.Join("/", tree.Root, d.Path), tree.Preview(d))
			tellNotes(d)
		default:
			changed, err := tree.Install(d, f.force)
			if errs = append(errs, err); err == nil {
				made = append(made, d.Unit)
				tellEnabled(out, tree, d, changed)
			}
		}
	}
	if len(made) > 0 {
		errs = append(errs, f.units.reload(ctx, out, made, f.now))
	}
	return refusal(errors.Join(append(errs, out.failed())...))
}

// dropIn makes the drop-in for a unit.
func (f *enableFlags) dropIn(ctx context.Context, tree *unit.Tree, name unit.Name) (*unit.DropIn, error) {
	u, err := tree.Load(name)
	if err != nil {
		return nil, fmt.Errorf("enable %s: %w", name, err)
	}
	strategy, allroads, err := f.choose(ctx, u)
	if err != nil {
		return nil, fmt.Errorf("enable %s: %w", name, err)
	}
	d, err := u.DropIn(strategy, allroads)
	if err == nil && len(d.Hidden) > 0 && !f.force {
		err = fmt.Errorf("enable %s: %s: install it where the unit can execute it, and name that place with --allroads", name, d.Hidden[0])
	}
	return d, err
}

func tellEnabled(out *screen, tree *unit.Tree, d *unit.DropIn, changed bool) {
	word := "made"
	if !changed {
		word = "is as it was"
	}
	out.printf("%s: %s, %s %s\n", out.paint(bold, string(d.Unit)), d.Strategy, filepath.Join("/", tree.Root, d.Path), word)
	tellNotes(d)
}

// tellNotes says what enabling a unit brings with it.
func tellNotes(d *unit.DropIn) {
	said := newScreen(os.Stderr)
	for _, note := range append(d.Hidden, d.Notes...) {
		said.printf("allroads: %s: %s\n", d.Unit, note)
	}
}
