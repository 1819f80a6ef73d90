package daemon

import "sync"

// cgroupTable is shared by all workers: there is one hierarchy.
type cgroupTable struct {
	mutex sync.Mutex
	paths cgroupPaths
}

func (t *cgroupTable) path(inode uint64) (string, bool) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.paths.path(inode)
}
