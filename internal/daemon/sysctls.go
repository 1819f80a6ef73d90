package daemon

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// Sysctls of the path manager. pm_type is the older one: 0 kernel, 1 userspace.
const (
	pathManagerKey = "net.mptcp.path_manager" // Linux 6.15
	pmTypeKey      = "net.mptcp.pm_type"      // Linux 5.19
	enabledKey     = "net.mptcp.enabled"      // whether sockets of MPTCP can be made
)

// pathManager reads who manages the paths of new connections: kernel, userspace, or the
// name of another path manager. A kernel without the sysctl has no other than its own.
func pathManager(s settings) (string, error) {
	value, err := s.sysctl(pathManagerKey)
	if !errors.Is(err, fs.ErrNotExist) {
		return value, err
	}
	value, err = s.sysctl(pmTypeKey)
	if errors.Is(err, fs.ErrNotExist) {
		return "kernel", nil
	}
	if value == "1" {
		return "userspace", err
	}
	return "kernel", err
}

// pathManagerSetting is the sysctl that chooses a path manager on this kernel, and its
// value.
func pathManagerSetting(s settings, name string) (key, value string) {
	if _, err := s.sysctl(pathManagerKey); !errors.Is(err, fs.ErrNotExist) {
		return pathManagerKey, name
	}
	if name == "userspace" {
		return pmTypeKey, "1"
	}
	return pmTypeKey, "0"
}

// setting is a sysctl that is to have a value.
type setting struct{ key, value, why string }

// arrange gives sysctls the values that are wanted, and those that are wanted no more
// what was found. What was found is written down before it is changed.
func (w *worker) arrange(wanted []setting) {
	keys := map[string]bool{}
	for _, s := range wanted {
		keys[s.key] = true
		w.attempt("sysctl "+s.key+"="+s.value, s.why, func() (bool, error) { return w.set(s) })
	}
	for _, key := range slices.Sorted(maps.Keys(w.record.Sysctls)) {
		if !keys[key] {
			w.attempt("sysctl "+key+"="+w.record.Sysctls[key], "put back as it was found", func() (bool, error) { return true, w.unset(key) })
		}
	}
}

func (w *worker) set(s setting) (changed bool, err error) {
	found, err := w.system.settings.sysctl(s.key)
	if err != nil || found == s.value {
		return false, err
	}
	if _, known := w.record.Sysctls[s.key]; !known {
		if w.record.Sysctls == nil {
			w.record.Sysctls = map[string]string{}
		}
		w.record.Sysctls[s.key] = found
		if err := w.save(); err != nil {
			delete(w.record.Sysctls, s.key)
			return false, err
		}
	}
	return true, w.system.settings.setSysctl(s.key, s.value)
}

// unset puts one back. That of an interface which is gone has gone with it.
func (w *worker) unset(key string) error {
	err := w.system.settings.setSysctl(key, w.record.Sysctls[key])
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("put back: %w", err)
	}
	delete(w.record.Sysctls, key)
	return w.save()
}
