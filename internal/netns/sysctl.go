package netns

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// ValidSysctl reports whether key could be a network setting: "net.", then
// components divided by dots or slashes. That admits what the kernel has under
// /proc/sys/net and nothing that could lead out of it; a component holds dots when
// an interface name does, which sysctl(8) writes with slashes between the
// components.
func ValidSysctl(key string) bool {
	isDivider := func(r rune) bool { return r == '.' || r == '/' }
	components := strings.FieldsFunc(key, isDivider)
	dividers := strings.Count(key, ".") + strings.Count(key, "/")
	if len(components) < 2 || len(components) != dividers+1 || components[0] != "net" {
		return false // None is empty.
	}
	for _, component := range components {
		if !consists(component, "_@:-") {
			return false
		}
	}
	return true
}

// SetSysctl gives the namespace's setting key ("net.mptcp.enabled") a value.
// A setting that has the value already is not written, so that a read-only
// /proc/sys does no harm where nothing has to change.
func (ns *NS) SetSysctl(key, value string) error {
	if !ValidSysctl(key) {
		return fmt.Errorf("set sysctl %q: not the name of a network setting", key)
	}
	return ns.Do(func() error {
		path := "/proc/sys/" + sysctlPath(key)
		old, err := os.ReadFile(path)
		if err == nil && sameValue(string(old), value) {
			return nil
		}
		if err != nil && !os.IsPermission(err) {
			return fmt.Errorf("set sysctl %s=%s: %w", key, value, err)
		}
		// Without O_CREATE: a setting the kernel lacks must not look like a
		// question of permission.
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if errors.Is(err, unix.EROFS) || errors.Is(err, unix.EACCES) {
			return fmt.Errorf("set sysctl %s=%s: %w (a container may keep /proc/sys from being written: run it outside, or with all privileges)", key, value, err)
		}
		if err != nil {
			return fmt.Errorf("set sysctl %s=%s: %w", key, value, err)
		}
		defer file.Close()
		// The end of line makes the kernel look at an empty value too.
		if _, err := file.WriteString(value + "\n"); err != nil {
			return fmt.Errorf("set sysctl %s=%s: %w", key, value, err)
		}
		return nil
	})
}

// sameValue compares what the kernel prints, where tabs divide the numbers of a
// setting that has several, with what a person writes.
func sameValue(a, b string) bool {
	return slices.Equal(strings.Fields(a), strings.Fields(b))
}

// Sysctl reads the namespace's setting key.
func (ns *NS) Sysctl(key string) (string, error) {
	if !ValidSysctl(key) {
		return "", fmt.Errorf("read sysctl %q: not the name of a network setting", key)
	}
	var value []byte
	err := ns.Do(func() (err error) {
		value, err = os.ReadFile("/proc/sys/" + sysctlPath(key))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read sysctl %s: %w", key, err)
	}
	return strings.TrimSpace(string(value)), nil
}

// sysctlPath turns a.b.c, or a/b.1/c with slashes first, into a path.
func sysctlPath(key string) string {
	if strings.HasPrefix(key, "net/") {
		return key
	}
	return strings.NewReplacer(".", "/", "/", ".").Replace(key)
}
