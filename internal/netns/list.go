package netns

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// Found is a network namespace that All has found.
type Found struct {
	Name  string // as Find takes it: a name of `ip netns` or pid:N; "" for the own one when it has no name
	File  string
	Inode uint64
	Own   bool // the caller's
}

// All finds the network namespaces that have a name or a process, each once: the
// own one first, then by names, then by the lowest number of a process. hidden
// counts the processes that this user may not ask for theirs.
func All() (found []Found, hidden int) {
	l := list{at: map[uint64]int{}}
	if inode, err := Own(); err == nil {
		l.add(Found{File: "/proc/self/ns/net", Inode: inode, Own: true})
	}
	l.names()
	l.processes()
	return l.found, l.hidden
}

// Locate returns a file of the namespace with an inode, "" when there is none to
// be found.
func Locate(inode uint64) string {
	all, _ := All()
	for _, found := range all {
		if found.Inode == inode {
			return found.File
		}
	}
	return ""
}

type list struct {
	found  []Found
	at     map[uint64]int // where in found an inode is
	hidden int
}

func (l *list) add(f Found) {
	i, known := l.at[f.Inode]
	switch {
	case !known:
		l.at[f.Inode] = len(l.found)
		l.found = append(l.found, f)
	case l.found[i].Name == "":
		l.found[i].Name = f.Name
	}
}

// names adds those under NameDir. What is no namespace is what an interrupted
// Publish has left, or not ours to judge.
func (l *list) names() {
	entries, _ := os.ReadDir(NameDir) // Ordered by name.
	for _, entry := range entries {
		file := filepath.Join(NameDir, entry.Name())
		if inode, err := inodeAt(file); err == nil {
			l.add(Found{Name: entry.Name(), File: file, Inode: inode})
		}
	}
}

func (l *list) processes() {
	for _, pid := range pids() {
		name := strconv.Itoa(pid)
		file := "/proc/" + name + "/ns/net"
		inode, err := inodeAt(file)
		if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) {
			l.hidden++
		}
		if _, known := l.at[inode]; err == nil && !known {
			l.add(Found{Name: "pid:" + name, File: file, Inode: inode})
		}
	}
}

func pids() (pids []int) {
	entries, _ := os.ReadDir("/proc")
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids
}
