package hook

import (
	"errors"
	"fmt"
	"os"

	"allroads/internal/hook/cgroup"
	"allroads/internal/netns"

	"golang.org/x/sys/unix"
)

// ErrSwitchedOff is wrapped by the error when the sysctl net.mptcp.enabled is 0,
// here or where a program of the cgroup is: its sockets would fail.
var ErrSwitchedOff = errors.New("multipath tcp is switched off")

// askIPv4 makes sure that MPTCP sockets can be made in this network namespace: a
// program's socket(2) must not fail for being converted.
func askIPv4() error {
	err := open(unix.AF_INET)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENOPROTOOPT):
		return fmt.Errorf("%w: set sysctl net.mptcp.enabled=1: %w", ErrSwitchedOff, err)
	case errors.Is(err, unix.EPROTONOSUPPORT), errors.Is(err, unix.EINVAL):
		return fmt.Errorf("%w: this kernel has no multipath tcp: it takes CONFIG_MPTCP: %w", ErrNotSupported, err)
	}
	return err
}

// hasIPv6 reports whether the kernel has MPTCP over IPv6. Where it has not, such
// sockets are left TCP.
func hasIPv6() bool { return open(unix.AF_INET6) == nil }

func open(family int) error {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	return unix.Close(fd)
}

// askWithin makes sure of the same in the network namespaces of the programs that
// are in the cgroup already. Those that cannot be looked at are let be.
func askWithin(c *cgroup.Cgroup) error {
	pids, err := c.Processes()
	if err != nil {
		return err
	}
	own, err := netns.Own()
	if err != nil {
		return fmt.Errorf("find this network namespace: %w", err)
	}
	asked := map[uint64]bool{own: true}
	for _, pid := range pids {
		path := fmt.Sprintf("/proc/%d/ns/net", pid)
		var about unix.Stat_t
		if unix.Stat(path, &about) != nil || asked[about.Ino] {
			continue
		}
		asked[about.Ino] = true
		if err := askIn(path); errors.Is(err, ErrSwitchedOff) {
			return fmt.Errorf("network namespace of process %d: %w", pid, err)
		}
	}
	return nil
}

func askIn(path string) error {
	ns, err := netns.Open(path)
	if err != nil {
		return err
	}
	defer ns.Close()
	return ns.Do(askIPv4)
}
