package unit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// addition is what a drop-in sets so that allroads can do its work inside a unit's
// sandbox, and what there is to say about it.
type addition struct{ settings, notes []string }

// System calls that allroads makes, and that systemd's @system-service leaves out.
const extraCalls = "seccomp pidfd_getfd"

// basicCalls are those for a sandbox that does not allow @system-service.
const basicCalls = "@basic-io @io-event @file-system @ipc @process @signal @network-io @sync madvise sched_yield ioctl uname setsid " + extraCalls

// sandbox is what has to be allowed besides what the unit allows.
func (u *Unit) sandbox(allroads string) (a addition) {
	if filter := u.list("Service", "SystemCallFilter"); len(filter) > 0 {
		a.allow(u.allowedCalls(filter[0].value))
	}
	if covered(allroads, u.paths("NoExecPaths")) > covered(allroads, u.paths("ExecPaths")) {
		a.settings = append(a.settings, "ExecPaths="+quoted(strings.ReplaceAll(allroads, "%", "%%")))
		a.notes = append(a.notes, "its sandbox (NoExecPaths=) now lets it execute "+allroads)
	}
	return a
}

func (a *addition) allow(calls string) {
	a.settings = append(a.settings, "SystemCallFilter="+calls)
	a.notes = append(a.notes, "its sandbox (SystemCallFilter=) now allows these system calls too: "+calls)
}

// allowedCalls is what a filter, that begins with first, has to allow besides.
func (u *Unit) allowedCalls(first string) string {
	if !strings.HasPrefix(first, "~") && !slices.Contains(u.words("Service", "SystemCallFilter"), "@system-service") {
		return basicCalls
	}
	return extraCalls
}

// paths are those of a list of paths, without the marks before them.
func (u *Unit) paths(key string) (paths []string) {
	for _, word := range u.words("Service", key) {
		path, _, _ := strings.Cut(strings.TrimLeft(word, "-+"), ":")
		paths = append(paths, filepath.Clean(path))
	}
	return paths
}

// covered is the length of the longest of the folders that a path is in; 0 is none.
func covered(path string, folders []string) (longest int) {
	for _, folder := range folders {
		if path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/") {
			longest = max(longest, len(folder))
		}
	}
	return longest
}

// hides says by which settings a program is not there for the unit, or may not be
// executed by its user.
func (u *Unit) hides(program string) (reasons []string) {
	hide := func(reason string, is bool) {
		if is {
			reasons = append(reasons, reason+" hides "+program)
		}
	}
	shown := covered(program, append(u.paths("BindPaths"), u.paths("BindReadOnlyPaths")...))
	under := func(folders ...string) bool { return covered(program, folders) > shown }
	if root := u.last("Service", "RootDirectory"); root != "" && root != "/" && shown == 0 {
		hide("RootDirectory="+root, !u.tree.exists(filepath.Join(strings.TrimPrefix(root, "-"), program)))
	}
	image := u.last("Service", "RootImage")
	hide("RootImage="+image+", perhaps,", image != "" && shown == 0)
	home := u.last("Service", "ProtectHome")
	hide("ProtectHome="+home, (yes(home) || home == "tmpfs") && under("/home", "/root", "/run/user"))
	temporary := u.last("Service", "PrivateTmp")
	hide("PrivateTmp="+temporary, (yes(temporary) || temporary == "disconnected" || u.dynamic()) && under("/tmp", "/var/tmp"))
	hide("InaccessiblePaths=", under(u.paths("InaccessiblePaths")...))
	hide("TemporaryFileSystem=", under(u.paths("TemporaryFileSystem")...))
	if user := u.last("Service", "User"); (user != "" && user != "root" && user != "0" || u.dynamic()) && u.tree.isClosed(program) {
		reasons = append(reasons, "only root may reach and execute "+program+", and the unit runs as another user")
	}
	return reasons
}

func (u *Unit) dynamic() bool { return yes(u.last("Service", "DynamicUser")) }

func (t *Tree) exists(path string) bool {
	real, err := chase(t.Root, path)
	if err != nil {
		return false
	}
	_, err = os.Stat(filepath.Join(t.Root, real))
	return err == nil
}

// CheckProgram is why a path is none of a program inside the root directory, if so.
func (u *Unit) CheckProgram(path string) error {
	real, err := chase(u.tree.Root, path)
	if err != nil {
		return err
	}
	info, err := os.Stat(filepath.Join(u.tree.Root, real))
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		return fmt.Errorf("%s is no program", path)
	}
	return nil
}

// isClosed reports whether not everybody may execute a program of the root directory.
func (t *Tree) isClosed(program string) bool {
	real, err := chase(t.Root, program)
	if err != nil {
		return false
	}
	for path := real; path != "/"; path = filepath.Dir(path) {
		if info, err := os.Stat(filepath.Join(t.Root, path)); err == nil && info.Mode()&0o001 == 0 {
			return true
		}
	}
	return false
}

// small is how few processes or threads are told as few.
const small = 64

func isSmall(value string) bool {
	value, _, _ = strings.Cut(value, ":")
	n, err := strconv.Atoi(value)
	return err == nil && n < small
}
