package hook

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"allroads/internal/hook/cgroup"
)

// Clean removes what killed processes have left: hooks pinned in dir whose cgroup
// has no process in it and is held by nobody, and empty cgroups of ours. What
// programs still use stays. It returns the directories of the cgroups that it
// freed.
func Clean(dir string) ([]string, error) {
	var freed []string
	if _, err := os.Stat(dir); err == nil {
		err := locked(dir, func() (err error) {
			freed, err = cleanPins(dir)
			return err
		})
		if err != nil {
			return freed, err
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("look for hooks that were left: %w", err)
	}
	swept, err := cgroup.Sweep()
	for _, path := range swept {
		if !slices.Contains(freed, path) {
			freed = append(freed, path)
		}
	}
	return freed, err
}

func cleanPins(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("look for hooks that were left: %w", err)
	}
	var freed []string
	var failed []error
	for _, e := range entries {
		path, err := cleanPin(filepath.Join(dir, e.Name()))
		if path != "" {
			freed = append(freed, path)
		}
		failed = append(failed, err)
	}
	return freed, errors.Join(failed...)
}

// cleanPin removes one hook if nobody needs it, and returns its cgroup then.
func cleanPin(place string) (string, error) {
	path, err := pathOf(place)
	if errors.Is(err, os.ErrNotExist) {
		return "", unpin(place) // Its process was killed while it made it.
	}
	if err != nil {
		return "", err
	}
	needed, err := needed(place, path)
	if err != nil || needed {
		return "", err
	}
	return path, unpin(place)
}

// needed reports whether somebody holds or is in the hook's cgroup. Another may have
// been made in the same place.
func needed(place, path string) (bool, error) {
	held, err := cgroup.Held(path)
	if err != nil {
		return false, err
	}
	c, err := cgroup.Open(path)
	if err != nil {
		return false, nil // It is gone.
	}
	defer c.Close()
	id, err := c.ID()
	if err != nil || !strings.HasPrefix(filepath.Base(place), fmt.Sprintf("%016x-", id)) {
		return false, err
	}
	idle, err := c.Empty()
	return held || !idle, err
}
