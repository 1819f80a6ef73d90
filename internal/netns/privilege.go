package netns

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// needed is what making namespaces, configuring them and capturing takes.
const needed = 1<<unix.CAP_NET_ADMIN | 1<<unix.CAP_NET_RAW | 1<<unix.CAP_SYS_ADMIN

// Privileged reports whether this process may make network namespaces,
// configure them and capture in them: whether CAP_NET_ADMIN, CAP_NET_RAW and
// CAP_SYS_ADMIN are effective.
func Privileged() (bool, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false, fmt.Errorf("read capabilities: %w", err)
	}
	return data[0].Effective&needed == needed, nil
}
