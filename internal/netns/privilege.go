package netns

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// needed is what making namespaces, configuring them and capturing takes.
const needed = 1<<unix.CAP_NET_ADMIN | 1<<unix.CAP_NET_RAW | 1<<unix.CAP_SYS_ADMIN

// Privileged reports whether this process may make network namespaces,
// configure them and capture in them: whether CAP_NET_ADMIN, CAP_NET_RAW and
// CAP_SYS_ADMIN are effective.
func Privileged() (bool, error) {
	capabilities, err := effective()
	return capabilities&needed == needed, err
}

// effective reads the first 32 effective capabilities.
func effective() (uint32, error) {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return 0, fmt.Errorf("read capabilities: %w", err)
	}
	return data[0].Effective, nil
}

// isBareRoot reports whether this process is root without CAP_SETFCAP, which
// the kernel asks for (since Linux 5.12) when root is mapped to root.
func isBareRoot() bool {
	capabilities, err := effective()
	return err == nil && os.Geteuid() == 0 && capabilities&(1<<unix.CAP_SETFCAP) == 0
}
