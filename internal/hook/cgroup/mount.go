package cgroup

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ErrNotSupported is wrapped by the error when this system has no cgroup v2
// hierarchy that this process can see.
var ErrNotSupported = errors.New("cgroups of version 2 not supported")

// Own returns the directory of the cgroup that this process is in, in the unified
// hierarchy, wherever that is mounted. The error is ErrNotSupported where it is
// not, or where what is mounted does not have this process's cgroup in it.
func Own() (string, error) {
	path, err := ownPath()
	if err != nil {
		return "", err
	}
	file, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "", fmt.Errorf("find the mounts of cgroups: %w", err)
	}
	defer file.Close()
	mounts, err := readMounts(file)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", file.Name(), err)
	}
	for _, m := range mounts {
		if dir, ok := m.directory(path); ok && isCgroup2(dir) == nil {
			return dir, nil
		}
	}
	if len(mounts) == 0 {
		return "", fmt.Errorf("%w: none is mounted: mount -t cgroup2 none /sys/fs/cgroup", ErrNotSupported)
	}
	return "", fmt.Errorf("%w: this process's cgroup %s is outside of what is mounted at %s",
		ErrNotSupported, path, mounts[0].point)
}

// ownPath is the line of /proc/self/cgroup that has hierarchy 0 (cgroups(7)).
func ownPath() (string, error) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", fmt.Errorf("%w: find this process's cgroup: %w", ErrNotSupported, err)
	}
	for line := range strings.Lines(string(text)) {
		if path, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "0::"); ok {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: this process is in none: mount -t cgroup2 none /sys/fs/cgroup", ErrNotSupported)
}

// mount is where the hierarchy, or a part of it, is mounted.
type mount struct{ root, point string }

// readMounts finds mounts of the type cgroup2 in a text like /proc/self/mountinfo
// (proc_pid_mountinfo(5)): fields, then "-", then the type.
func readMounts(text io.Reader) ([]mount, error) {
	var mounts []mount
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		before, after, _ := strings.Cut(lines.Text(), " - ")
		fields := strings.Fields(before)
		if len(fields) >= 5 && strings.HasPrefix(after, "cgroup2 ") {
			mounts = append(mounts, mount{unescape.Replace(fields[3]), unescape.Replace(fields[4])})
		}
	}
	return mounts, lines.Err()
}

// unescape undoes what the kernel does to blanks in paths.
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// directory returns where a cgroup is below the mount, if it is.
func (m mount) directory(path string) (string, bool) {
	rest, below := strings.CutPrefix(path, strings.TrimSuffix(m.root, "/"))
	if !below || rest != "" && rest[0] != '/' {
		return "", false
	}
	return filepath.Join(m.point, rest), true
}
