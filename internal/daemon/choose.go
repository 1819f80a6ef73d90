package daemon

import (
	"time"

	"allroads/internal/config"
)

// choose settles who manages paths here: by configuration, or by what the sysctl says.
func (w *worker) choose(now time.Time) {
	var wanted []setting
	if mode := w.config.Mode; mode == config.Kernel || mode == config.Userspace {
		key, value := pathManagerSetting(w.system.settings, string(mode))
		wanted = append(wanted, setting{key, value, "mode: " + string(mode)})
	}
	w.arrange(append(wanted, w.routing.loose(w)...))
	w.manager = ""
	if name, err := pathManager(w.system.settings); err != nil {
		w.log.Debug("path manager not known", "error", err)
	} else {
		w.manager = name
	}
	w.enter(now, w.chosen())
}

// chosen is the mode that holds. Connections are made under what the sysctl says, also
// where it could not be set.
func (w *worker) chosen() config.Mode {
	switch {
	case w.manager == "userspace":
		return config.Userspace
	case w.manager == "" && w.config.Mode == config.Userspace:
		return config.Userspace
	}
	return config.Kernel
}

// enter begins a mode, and ends the one before.
func (w *worker) enter(now time.Time, mode config.Mode) {
	if w.mode == mode {
		return
	}
	if w.manages != nil {
		w.manages.stop(now)
		w.log.Info("another mode", "mode", mode, "before", w.mode)
	} else {
		w.log.Info("begun", "mode", mode, "path_manager", w.manager, "inode", w.place.inode)
	}
	again := w.manages != nil
	w.mode = mode
	if mode == config.Userspace {
		w.manages = newUserPaths(w)
	} else {
		w.manages = newKernelPaths(w)
	}
	if again {
		w.count(now)
	}
}
