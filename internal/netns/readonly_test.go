package netns_test

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"allroads/internal/netns"
	"allroads/internal/netns/netnstest"

	"golang.org/x/sys/unix"
)

// TestReadOnlySysctl works as in a container, where /proc/sys is read-only.
func TestReadOnlySysctl(t *testing.T) {
	netnstest.Require(t)
	cmd := play("read-only")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	out, err := cmd.CombinedOutput()
	switch {
	case err == nil:
	case cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == exitCannot:
		netnstest.Missing(t, "a read-only /proc/sys: "+string(out))
	default:
		t.Errorf("%v\n%s", err, out)
	}
}

const exitCannot = 3

func readOnly([]string) int {
	if err := makeReadOnly("/proc/sys"); err != nil {
		fmt.Print(err)
		return exitCannot
	}
	if err := useReadOnly(); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func makeReadOnly(path string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := unix.Mount(path, path, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("bind %s: %w", path, err)
	}
	// Unlike a remount, this leaves flags alone that a user namespace may not clear.
	attributes := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	if err := unix.MountSetattr(unix.AT_FDCWD, path, unix.AT_RECURSIVE, &attributes); err != nil {
		return fmt.Errorf("make %s read-only: %w", path, err)
	}
	return nil
}

func useReadOnly() error {
	ns, err := netns.New()
	if err != nil {
		return err
	}
	for _, key := range []string{"net.ipv4.ip_default_ttl", "net.ipv4.ping_group_range", "net.mptcp.scheduler"} {
		value, err := ns.Sysctl(key)
		if err != nil {
			return err
		}
		value = strings.Join(strings.Fields(value), " ")
		if err := ns.SetSysctl(key, value); err != nil {
			return fmt.Errorf("a value that is set already: %w", err)
		}
	}
	err = ns.SetSysctl("net.ipv4.ip_default_ttl", "9")
	if !errors.Is(err, unix.EROFS) || !strings.Contains(err.Error(), "net.ipv4.ip_default_ttl=9") {
		return fmt.Errorf("a value that has to change: %v, want EROFS that names key and value", err)
	}
	return nil
}
