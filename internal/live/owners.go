package live

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"allroads/internal/holding"
)

// Owner is a process that has a socket open.
type Owner struct {
	PID  int
	Name string // of the program, as in /proc/PID/comm
}

// owners knows which processes have which sockets open, as they were when /proc
// was last read.
type owners struct {
	of     map[uint64][]Owner // by the socket's inode
	hidden int                // processes that this user may not look into
	at     time.Time
}

// A socket may be handed to another process: what was found is looked for again
// after a while.
const ownersLast = 5 * time.Second

// tellOwners fills in whose the connections of a snapshot are.
func (w *Watcher) tellOwners(snapshot *Snapshot) {
	if !w.options.Owners {
		return
	}
	if time.Since(w.owners.at) > ownersLast || slices.ContainsFunc(snapshot.Connections, w.owners.misses) {
		w.owners.read()
	}
	for i := range snapshot.Connections {
		w.tellOwner(&snapshot.Connections[i])
	}
	snapshot.Hidden = w.owners.hidden
}

// misses reports whether a socket has come since /proc was read. When it was not
// found there, it need not be looked for again so soon.
func (o *owners) misses(c Connection) bool {
	_, known := o.of[c.Inode]
	return c.Inode != 0 && !known
}

// tellOwner fills in whose a connection is. A socket that has an inode is
// somebody's, even if nobody is seen to have it.
func (w *Watcher) tellOwner(c *Connection) {
	c.Owners = w.owners.of[c.Inode]
	c.OwnersKnown = len(c.Owners) > 0 || c.Inode == 0
	if !c.OwnersKnown {
		w.owners.of[c.Inode] = nil
	}
	c.Cgroup = w.cgroups.path(c.CgroupID)
}

// read looks through the open files of all processes.
func (o *owners) read() {
	o.of, o.hidden, o.at = map[uint64][]Owner{}, 0, time.Now()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		o.hidden++
	}
	var pids []int
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	for _, pid := range pids {
		if err := o.readProcess(pid); os.IsPermission(err) {
			o.hidden++ // Any other error: it has ended.
		}
	}
}

// readProcess adds the sockets of one process.
func (o *owners) readProcess(pid int) error {
	owner := Owner{PID: pid}
	return holding.EachSocket(pid, func(_ string, inode uint64) { o.add(inode, &owner) })
}

// add notes a socket of a process, once even if it is open there twice. The
// process's name is read with its first socket: most have none.
func (o *owners) add(inode uint64, owner *Owner) {
	if owner.Name == "" {
		name, _ := os.ReadFile("/proc/" + strconv.Itoa(owner.PID) + "/comm")
		owner.Name = strings.TrimSuffix(string(name), "\n")
	}
	if all := o.of[inode]; len(all) == 0 || all[len(all)-1].PID != owner.PID {
		o.of[inode] = append(all, *owner)
	}
}
