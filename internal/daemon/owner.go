package daemon

import (
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"

	"allroads/sockdiag"
)

// ownerOf tells whose a socket is. Where the cgroup is gone its path is not known.
func (w *worker) ownerOf(c *sockdiag.Connection) (uid *uint32, cgroup *string) {
	uid = new(c.UID)
	if c.CgroupID != 0 {
		if path, known := cgroups.path(c.CgroupID); known {
			cgroup = &path
		}
	}
	return uid, cgroup
}

// cgroupRoot is where the hierarchy of version 2 is mounted as a rule.
const cgroupRoot = "/sys/fs/cgroup"

// paths of cgroups by the inodes of their directories. A cgroup that is made anew has
// another inode; one that is not known is looked for in the whole hierarchy.
type cgroupPaths struct{ known map[uint64]string }

var cgroups cgroupTable

func (p *cgroupPaths) path(inode uint64) (string, bool) {
	if path, known := p.known[inode]; known {
		return path, path != ""
	}
	p.known = map[uint64]string{}
	_ = filepath.WalkDir(cgroupRoot, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil // It has gone, or is no cgroup.
		}
		if info, err := entry.Info(); err == nil {
			p.known[info.Sys().(*syscall.Stat_t).Ino] = "/" + strings.TrimPrefix(strings.TrimPrefix(path, cgroupRoot), "/")
		}
		return nil
	})
	if _, known := p.known[inode]; !known {
		p.known[inode] = "" // It is not looked for each time.
	}
	return p.known[inode], p.known[inode] != ""
}
