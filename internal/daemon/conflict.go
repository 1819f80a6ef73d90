package daemon

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"allroads/internal/config"
	"allroads/internal/netns"
	"allroads/pathmanager"
)

// rivals are programs that manage endpoints or connections, too, by their names in
// /proc/PID/comm.
var rivals = map[string]string{"NetworkManager": "adds endpoints for its interfaces", "mptcpd": "manages paths"}

// findConflicts looks who else manages paths here. What is found is told once.
func (w *worker) findConflicts() {
	var found []string
	foreign := slices.ContainsFunc(w.tables.foreign, func(e pathmanager.Endpoint) bool { return e.Flags&pathmanager.Implicit == 0 })
	if foreign {
		for _, rival := range w.rivals.find(w.place.inode, time.Now()) {
			found = append(found, fmt.Sprintf("%s, and %d endpoints are not allroadsd's: they stay, and take the kernel's places", rival, len(w.tables.foreign)))
		}
	}
	if wanted := w.config.Mode; (wanted == config.Userspace || wanted == config.Kernel) && wanted != w.mode {
		found = append(found, fmt.Sprintf("the configuration says mode %s, and net.mptcp.path_manager is %s", wanted, w.manager))
	}
	if enabled, err := w.system.settings.sysctl(enabledKey); err == nil && enabled == "0" {
		found = append(found, enabledKey+" is 0: no program can make MPTCP connections here; set it to 1")
	}
	for _, text := range found {
		if !slices.Contains(w.conflicts, text) {
			w.log.Warn("conflict", "what", text)
			w.publish("conflict", text, "")
		}
	}
	w.conflicts = found
}

// rivalLook remembers who was found, since to look takes going through all processes.
type rivalLook struct {
	found []string
	at    time.Time
}

// rivalsHold is how long what was found counts.
const rivalsHold = 10 * time.Second

func (r *rivalLook) find(inode uint64, now time.Time) []string {
	if r.at.IsZero() || now.Sub(r.at) >= rivalsHold {
		r.found, r.at = findRivals(inode), now
	}
	return r.found
}

// findRivals looks through the processes of a namespace.
func findRivals(inode uint64) (found []string) {
	names, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // It has ended.
		}
		comm := strings.TrimSpace(string(text))
		what, rival := rivals[comm]
		if dir := filepath.Dir(name); rival && netns.IsAt(dir+"/ns/net", inode) {
			found = append(found, fmt.Sprintf("%s (process %s) %s here", comm, filepath.Base(dir), what))
		}
	}
	return found
}
