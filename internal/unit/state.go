package unit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// State is what there is to say of a unit that is enabled.
type State struct {
	Unit     Name
	Path     string // of the drop-in, inside the root
	Strategy string
	Allroads string // the path of the program that wraps the commands, if they are

	Gone       bool   // there is no such unit any more, or it is masked
	Stale      bool   // the unit has changed since, and enable would write something else
	Edited     bool   // somebody has changed the drop-in
	Overridden string // a drop-in that is read later sets the same, inside the root
	Missing    bool   // there is no program at Allroads: the unit cannot be started

	loaded *Unit
}

// Enabled is the state of all units that are enabled in the administrator's folder,
// in the order of their names.
func (t *Tree) Enabled() (states []State, err error) {
	paths, err := filepath.Glob(filepath.Join(escapeGlob(filepath.Join(t.Root, t.own)), "*.d", DropInName))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		name := Name(strings.TrimSuffix(filepath.Base(filepath.Dir(path)), ".d"))
		s, enabled, err := t.State(name)
		if err != nil {
			return nil, err
		}
		if enabled {
			states = append(states, s)
		}
	}
	return states, nil
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// State is the state of a unit, if it is enabled. An instance is when its template is.
func (t *Tree) State(name Name) (s State, enabled bool, err error) {
	u, err := t.Load(name)
	gone := errors.Is(err, ErrNoUnit) || errors.Is(err, ErrMasked)
	path := filepath.Join(t.own, string(name)+".d", DropInName)
	switch {
	case err == nil:
		name = u.Name
		at := slices.IndexFunc(u.DropIns, isOurs)
		if at < 0 {
			return State{Unit: name}, false, nil
		}
		path = u.DropIns[at]
	case !gone:
		return State{}, false, err
	}
	text, readErr := readInside(t.Root, path)
	m, ours := readMade(string(text))
	switch {
	case gone && os.IsNotExist(readErr):
		return State{}, false, err
	case readErr != nil:
		return State{}, false, fmt.Errorf("read state of %s: %w", name, readErr)
	case !ours:
		return State{Unit: name}, false, nil
	}
	s = State{Unit: name, Path: path, Strategy: m.strategy, Allroads: m.allroads, Gone: gone, Edited: m.edited, loaded: u}
	if !gone {
		s.compare(u, m)
	}
	return s, true, nil
}

// compare holds a drop-in against the unit as it is now.
func (s *State) compare(u *Unit, m made) {
	wanted, err := u.DropIn(m.strategy, m.allroads)
	s.Stale = err != nil || wanted.body != m.body || hash(wanted.of) != m.of
	s.Missing = m.allroads != "" && !u.tree.exists(m.allroads)
	behind := false
	for _, set := range u.settings {
		switch {
		case set.file == s.Path:
			behind = true
		case behind && overrides(set, m.strategy):
			s.Overridden = set.file
		}
	}
}

// overrides reports whether a setting undoes one of a drop-in that is read before.
func overrides(s setting, strategy string) bool {
	switch strategy {
	case Socket:
		return s.section == "Socket" && s.key == "SocketProtocol"
	case GoDebug:
		return s.section == "Service" && s.key == "Environment" && (s.value == "" || strings.Contains(s.value, "GODEBUG="))
	}
	return s.section == "Service" && s.key == "ExecStart"
}
