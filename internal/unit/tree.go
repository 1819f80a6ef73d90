package unit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Tree is where the units of a system are, or those of a user.
type Tree struct {
	Root    string   // the directory that is "/"; "" is "/" itself
	folders []string // of units, inside the root, the most important first
	own     string   // the one of them that belongs to the administrator, or the user
	user    bool     // a user's, not the system's
}

// System is the units of the system below a root directory, as systemd.unit(5)
// lists their folders.
func System(root string) *Tree {
	return &Tree{Root: root, own: "/etc/systemd/system", folders: []string{
		"/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
		"/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached",
		"/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
		"/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
		"/run/systemd/generator.late",
	}}
}

// User is the units of this process's user. config, data and runtime are the user's
// folders, as XDG_CONFIG_HOME, XDG_DATA_HOME and XDG_RUNTIME_DIR name them; runtime may
// be unknown.
func User(config, data, runtime string) *Tree {
	t := &Tree{own: filepath.Join(config, "systemd/user"), user: true}
	add := func(folder, below string) {
		if folder != "" {
			t.folders = append(t.folders, filepath.Join(folder, below))
		}
	}
	add(config, "systemd/user.control")
	add(runtime, "systemd/user.control")
	add(runtime, "systemd/transient")
	add(runtime, "systemd/generator.early")
	t.folders = append(t.folders, t.own, "/etc/systemd/user")
	add(runtime, "systemd/user")
	t.folders = append(t.folders, "/run/systemd/user")
	add(runtime, "systemd/generator")
	add(data, "systemd/user")
	t.folders = append(t.folders, "/usr/local/lib/systemd/user", "/usr/local/share/systemd/user",
		"/usr/share/systemd/user", "/usr/lib/systemd/user", "/lib/systemd/user")
	add(runtime, "systemd/generator.late")
	return t
}

// entry is what a folder of units has under a name.
type entry struct {
	path   string // inside the root
	alias  Name   // the unit that it is another name of, if it is
	masked bool
}

// entry looks for a name in all folders. A link into one of them is an alias; one to
// elsewhere is the unit itself.
func (t *Tree) entry(name Name) (e entry, found bool, err error) {
	for _, folder := range t.folders {
		path := filepath.Join(folder, string(name))
		info, err := os.Lstat(filepath.Join(t.Root, path))
		if err != nil && !os.IsNotExist(err) {
			return entry{}, false, err
		}
		if err != nil {
			continue
		}
		e := entry{path: path, masked: info.Mode().IsRegular() && info.Size() == 0}
		if info.Mode()&os.ModeSymlink != 0 {
			err = t.follow(&e)
		}
		return e, true, err
	}
	return entry{}, false, nil
}

// follow finds out what a link means.
func (t *Tree) follow(e *entry) error {
	target, err := os.Readlink(filepath.Join(t.Root, e.path))
	if err != nil {
		return err
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(e.path), target)
	}
	target = filepath.Clean(target)
	if slices.Contains(t.folders, filepath.Dir(target)) {
		e.alias = Name(filepath.Base(target))
		return nil
	}
	real, err := chase(t.Root, target)
	if err != nil {
		return err
	}
	e.masked = real == "/dev/null"
	if slices.Contains(t.folders, filepath.Dir(real)) {
		e.alias = Name(filepath.Base(real))
	}
	return nil
}

// aliases are the other names under which a unit is found.
func (t *Tree) aliases(of Name) (names []Name) {
	for _, folder := range t.folders {
		links, _ := os.ReadDir(filepath.Join(t.Root, folder))
		for _, link := range links {
			name := Name(link.Name())
			if link.Type()&os.ModeSymlink == 0 || name == of || slices.Contains(names, name) || !strings.HasSuffix(string(name), "."+of.Type()) {
				continue
			}
			if id, _, _, err := t.resolve(name); err == nil && id == of {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// dropIns are the files that add to a unit, in the order in which they are read: by
// their own names, wherever they are. Of those with one name, the first folder's is it.
func (t *Tree) dropIns(of Name, aliases []Name) (paths []string) {
	seen := map[string]bool{}
	for _, folder := range t.dropInFolders(of, aliases) {
		files, _ := os.ReadDir(filepath.Join(t.Root, folder))
		for _, file := range files {
			if name := file.Name(); strings.HasSuffix(name, ".conf") && !strings.HasPrefix(name, ".") && !seen[name] {
				seen[name] = true
				paths = append(paths, filepath.Join(folder, name))
			}
		}
	}
	slices.SortFunc(paths, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	return paths
}

func (t *Tree) dropInFolders(of Name, aliases []Name) (folders []string) {
	add := func(names []string) {
		for _, folder := range t.folders {
			for _, name := range names {
				folders = append(folders, filepath.Join(folder, name+".d"))
			}
		}
	}
	add(of.families())
	for _, alias := range aliases {
		add(alias.families())
	}
	add([]string{of.Type()})
	return folders
}
