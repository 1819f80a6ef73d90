package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLabFolder: sockets are where nobody else can get at them, or nowhere.
func TestLabFolder(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		file, sockets := u.pair("lab"), u.sockets()
		must(t, os.MkdirAll(sockets, 0o777))
		must(t, os.Chmod(sockets, 0o777))
		u.own(sockets)
		u.refused(file, "not one that only this user can use")
		must(t, os.Remove(sockets))
		must(t, os.Symlink("/tmp", sockets))
		u.refused(file, "not one that only this user can use")
		must(t, os.Remove(sockets))
		if os.Geteuid() == 0 {
			must(t, os.Mkdir(sockets, 0o700))
			must(t, os.Chown(sockets, 12345, 12345))
			u.refused(file, "not one that only this user can use")
			must(t, os.Remove(sockets))
		}
		u.up(file)
		u.expectPrivate("lab")
		u.ok("down", "lab")
		if !u.root {
			u.badRuntimeFolders(file)
		}
	})
}

func (u *labUser) own(path string) {
	u.t.Helper()
	if c := u.attributes.Credential; c != nil {
		must(u.t, os.Chown(path, int(c.Uid), int(c.Gid)))
	}
}

func (u *labUser) refused(file, why string) {
	u.t.Helper()
	u.expect(3, why, "up", file)
	u.expect(3, why, "ls")
	u.expect(3, why, "exec", "lab/a", "--", "true")
	if pids := alive(u.t, u.path); len(pids) > 0 {
		u.t.Errorf("processes %q", pids)
	}
}

// expectPrivate holds that a third user cannot reach a lab.
func (u *labUser) expectPrivate(name string) {
	u.t.Helper()
	path := filepath.Join(u.sockets(), name)
	info, err := os.Stat(filepath.Dir(path))
	must(u.t, err)
	if info.Mode().Perm() != 0o700 {
		u.t.Errorf("%s has mode %v", filepath.Dir(path), info.Mode())
	}
	if os.Geteuid() != 0 {
		return
	}
	err = asUser(12345, func() error { _, err := connect(path); return err })
	if err != unix.EACCES {
		u.t.Errorf("another user connects to %s: %v, want permission denied", path, err)
	}
}

// badRuntimeFolders are those where no socket can be.
func (u *labUser) badRuntimeFolders(file string) {
	u.t.Helper()
	for folder, why := range map[string]string{
		filepath.Join(u.dir, strings.Repeat("long/", 20)): "may have 107: set XDG_RUNTIME_DIR to a shorter one",
		"/proc/none":   "mkdir /proc/none: no such file or directory",
		"/proc/self":   "mkdir /proc/self/allroads: no such file or directory",
		file:           "not a directory",
		"/dev/null/no": "not a directory",
	} {
		cmd := u.command("up", file)
		cmd.Env = append(cmd.Env, "XDG_RUNTIME_DIR="+folder)
		if _, said, code := u.finish(cmd); code != 3 || !strings.Contains(said, why) {
			u.t.Errorf("%s: exit code %d and %q, want %q", folder, code, said, why)
		}
	}
}

// TestLabFullDisk has no room for a socket.
func TestLabFullDisk(t *testing.T) {
	asEachUser(t, func(t *testing.T, u *labUser) {
		if os.Geteuid() != 0 {
			t.Skip("an ordinary user cannot mount a small disk")
		}
		dir, file := u.dir, filepath.Join(filepath.Dir(u.path), "full.yaml")
		must(t, os.WriteFile(file, []byte("name: full\nhosts: [{name: a}]\n"), 0o644))
		if u.root {
			dir = "/run"
		}
		must(t, unix.Mount("none", dir, "tmpfs", 0, "mode=777,size=4k,nr_inodes=4"))
		defer func() { must(t, unix.Unmount(dir, 0)) }()
		for i := range 2 { // There is room for the folder, but not for what is in it.
			must(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o644))
		}
		u.expect(3, "no space left on device", "up", file)
	})
}
