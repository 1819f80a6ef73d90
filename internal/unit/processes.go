package unit

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Processes are those that run in the unit's cgroup, as systemd places it, below the
// folder where cgroups are mounted, /sys/fs/cgroup. Those of a template are those of all
// its instances; those of a socket unit, those of its service.
func (s State) Processes(mounted string) (pids []int, err error) {
	if s.loaded == nil {
		return nil, nil
	}
	service := s.loaded
	if service.Name.Type() == "socket" {
		if service, err = service.service(); err != nil {
			return nil, err
		}
	}
	// Version 1 has systemd's own hierarchy; with both, what is in one is in the other.
	for _, hierarchy := range []string{"", "systemd", "unified"} {
		for _, group := range service.groups(filepath.Join(mounted, hierarchy)) {
			if pids, err = addProcesses(pids, group); err != nil {
				return nil, fmt.Errorf("list processes of %s: %w", s.Unit, err)
			}
		}
	}
	slices.Sort(pids)
	return slices.Compact(pids), nil
}

// service is the unit that a socket unit starts.
func (u *Unit) service() (*Unit, error) {
	name := Name(u.last("Socket", "Service"))
	if name == "" {
		name = u.Name.with("service")
	}
	if yes(u.last("Socket", "Accept")) {
		name = Name(u.Name.stem() + "@.service")
	}
	return u.tree.Load(name)
}

// groups are the folders of the unit's cgroups.
func (u *Unit) groups(mounted string) []string {
	slice := filepath.Join(mounted, u.tree.above(), slicePath(u.slice()))
	if !u.Name.IsTemplate() {
		return []string{filepath.Join(slice, string(u.Name))}
	}
	instances, _ := filepath.Glob(filepath.Join(escapeGlob(slice), escapeGlob(u.Name.stem())+"*."+u.Name.Type()))
	return instances
}

// above is the cgroup of the service manager.
func (t *Tree) above() string {
	if !t.user {
		return ""
	}
	uid := strconv.Itoa(os.Getuid())
	return "user.slice/user-" + uid + ".slice/user@" + uid + ".service"
}

// slice is the slice that the unit is in.
func (u *Unit) slice() string {
	if set := u.last("Service", "Slice"); set != "" {
		return set
	}
	base := "system"
	if u.tree.user {
		base = "app"
	}
	if prefix, _, is := strings.Cut(u.Name.stem(), "@"); is {
		return base + "-" + strings.ReplaceAll(prefix, "-", `\x2d`) + ".slice"
	}
	return base + ".slice"
}

// slicePath is where a slice is among the others: a-b.slice is in a.slice.
func slicePath(slice string) string {
	stem := strings.TrimSuffix(slice, ".slice")
	if stem == "-" {
		return ""
	}
	path := ""
	for i := range stem {
		if i > 0 && stem[i] == '-' {
			path = filepath.Join(path, stem[:i]+".slice")
		}
	}
	return filepath.Join(path, slice)
}

// addProcesses adds those of a cgroup, and of those in it.
func addProcesses(pids []int, group string) ([]int, error) {
	err := filepath.WalkDir(group, func(path string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil // It has ended, or never was.
		}
		if err != nil || !entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
		if os.IsNotExist(err) {
			return nil
		}
		for _, word := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
				pids = append(pids, pid)
			}
		}
		return err
	})
	return pids, err
}
