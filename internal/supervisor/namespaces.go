package supervisor

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"allroads/internal/netns"
	"allroads/lab"

	"golang.org/x/sys/unix"
)

// namespaces tell a lab's processes, wherever they hide, from all others. The
// files keep the kernel from giving others the same numbers.
type namespaces struct {
	files []*os.File
	ids   []string
}

// addLab adds the network namespaces of all hosts, and an ordinary user's lab's
// user namespace.
func (n *namespaces) addLab(network *lab.Lab) error {
	for _, name := range network.Topology.Names() {
		err := network.Host(name).Run(func() error { return n.add("/proc/thread-self/ns/net") })
		if err != nil {
			return err
		}
	}
	if netns.Inside() {
		return n.add("/proc/self/ns/user")
	}
	return nil
}

func (n *namespaces) add(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	n.files, n.ids = append(n.files, file), append(n.ids, identity(path))
	return nil
}

// lasting begins an identity that no other namespace ever has.
const lasting = "handle "

// identity tells a namespace from others that exist at the same time and, from
// Linux 6.18 on, from all others (fs/nsfs.c). It is "" when there is none.
func identity(path string) string {
	handle, _, err := unix.NameToHandleAt(unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW)
	if err == nil {
		return lasting + hex.EncodeToString(handle.Bytes())
	}
	var status unix.Stat_t
	if unix.Stat(path, &status) != nil {
		return ""
	}
	return fmt.Sprint("inode ", status.Ino)
}

// clear kills what lives in the namespaces, and gives them up.
func (n *namespaces) clear() {
	killIn(n.ids)
	for _, file := range n.files {
		file.Close()
	}
}

// killWait is how long the kernel may take to end what has been killed.
const killWait = 5 * time.Second

// killIn kills the processes in namespaces until there are none.
func killIn(ids []string) {
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = id != ""
	}
	for deadline := time.Now().Add(killWait); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		found := false
		for _, pid := range processes() {
			network, user := identity(namespaceOf(pid, "net")), identity(namespaceOf(pid, "user"))
			// One that has ended has no network any more.
			if pid != os.Getpid() && network != "" && (wanted[network] || wanted[user]) {
				found = true
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		}
		if !found {
			return
		}
	}
}

func namespaceOf(pid int, kind string) string { return fmt.Sprintf("/proc/%d/ns/%s", pid, kind) }

// processes are the numbers of all processes.
func processes() (pids []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*")
	for _, path := range paths {
		if pid, err := strconv.Atoi(filepath.Base(path)); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// text lists what can still be told apart when the lab has ended.
func (n *namespaces) text() string {
	var text strings.Builder
	for _, id := range n.ids {
		if strings.HasPrefix(id, lasting) {
			text.WriteString(id + "\n")
		}
	}
	return text.String()
}
