package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"allroads/internal/program"
	"allroads/internal/unit"
)

// choose says how a unit is to be converted, and by which program.
func (f *enableFlags) choose(ctx context.Context, u *unit.Unit) (strategy, allroads string, err error) {
	if u.Name.Type() == "socket" {
		return unit.Socket, "", unit.CheckVersion(f.systemdVersion(ctx))
	}
	if strategy = f.strategy; strategy == "auto" {
		strategy = unit.Notify
		if suffices, err := isGo(u); err != nil {
			return "", "", err
		} else if suffices {
			strategy = unit.GoDebug
		}
	}
	if strategy == unit.Notify {
		allroads, err = f.program(u)
	}
	return strategy, allroads, err
}

// isGo reports whether GODEBUG is all that the programs of a service need. Those that
// cannot be read, or are not there yet, need more.
func isGo(u *unit.Unit) (bool, error) {
	paths, err := u.Programs()
	if err != nil {
		return false, err
	}
	for _, path := range paths {
		if path == "" {
			return false, nil
		}
		p, err := program.Inspect(path)
		if err != nil || p.Go == nil || len(p.Scripts) > 0 {
			return false, nil //nolint:nilerr // The wrapper does for all that can be executed.
		}
		if err := p.DecideGodebug(); err != nil || p.Go.Godebugs.Answer != program.Yes {
			return false, nil //nolint:nilerr // as above
		}
	}
	return len(paths) > 0 && u.CanGoDebug(), nil
}

// program is the path of allroads that the unit is to execute.
func (f *enableFlags) program(u *unit.Unit) (path string, err error) {
	if path = f.allroads; path == "" {
		if path, err = os.Executable(); err != nil {
			return "", fmt.Errorf("find allroads: %w", err)
		}
	}
	switch err := u.CheckProgram(path); {
	case err == nil:
	case f.units.root != "" && errors.Is(err, os.ErrNotExist):
		fmt.Fprintf(os.Stderr, "allroads: %s has no %s yet: the unit cannot be started without it\n", f.units.root, path)
	default:
		return "", fmt.Errorf("%w: name the place of allroads with --allroads", err)
	}
	return path, nil
}

// systemdVersion is the version of what will read the drop-in, 0: unknown.
func (f *enableFlags) systemdVersion(ctx context.Context) int {
	if f.version > 0 {
		return f.version
	}
	version := unit.Version(f.units.root)
	if version > 0 || f.units.root != "" {
		return version
	}
	out, _ := exec.CommandContext(ctx, "systemctl", "--version").Output()
	if words := bytes.Fields(out); len(words) > 1 {
		version, _ = strconv.Atoi(string(words[1]))
	}
	return version
}
