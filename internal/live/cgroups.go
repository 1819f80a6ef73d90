package live

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// cgroups knows the paths of cgroups by their ids, which are the inodes of their
// directories (cgroups(7), version 2).
type cgroups struct {
	paths map[uint64]string
	at    time.Time
}

// A cgroup that was not found is not looked for again before this time.
const cgroupsLast = time.Second

// path returns the path of a cgroup, "" when it is not known.
func (c *cgroups) path(id uint64) string {
	if id == 0 {
		return ""
	}
	path, known := c.paths[id]
	if !known && time.Since(c.at) > cgroupsLast {
		c.read()
		path = c.paths[id]
	}
	return path
}

func (c *cgroups) read() {
	c.paths, c.at = map[uint64]string{}, time.Now()
	root := cgroupRoot("/proc/self/mountinfo")
	if root == "" {
		return
	}
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil // A cgroup may go at any time.
		}
		if info, err := entry.Info(); err == nil {
			c.paths[info.Sys().(*syscall.Stat_t).Ino] = "/" + strings.TrimPrefix(path[len(root):], "/")
		}
		return nil
	})
}

// cgroupRoot is where version 2 of cgroups is mounted, "" when it is not. The
// fields of a line are those of proc_pid_mountinfo(5).
func cgroupRoot(mounts string) string {
	file, err := os.Open(mounts)
	if err != nil {
		return ""
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		before, after, _ := strings.Cut(lines.Text(), " - ")
		if kind, _, _ := strings.Cut(after, " "); kind != "cgroup2" {
			continue
		}
		if fields := strings.Fields(before); len(fields) > 4 {
			return fields[4]
		}
	}
	return ""
}
