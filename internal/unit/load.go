package unit

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// Unit is a unit as systemd would load it now.
type Unit struct {
	Name     Name
	Aliases  []Name
	Fragment string   // its file, inside the root
	DropIns  []string // in the order in which they are read
	tree     *Tree
	settings []setting
}

// Errors of Load.
var (
	ErrNoUnit = errors.New("no such unit")
	ErrMasked = errors.New("the unit is masked")
)

// maxAliases is how many names systemd follows (FOLLOW_MAX).
const maxAliases = 8

// resolve follows aliases to a unit's main name, and to its file.
func (t *Tree) resolve(name Name) (id Name, path string, masked bool, err error) {
	for range maxAliases {
		e, found, err := t.entry(name)
		template, instance, is := name.Template()
		if err == nil && !found && is {
			e, found, err = t.entry(template)
		}
		switch {
		case err != nil:
			return "", "", false, err
		case !found:
			return "", "", false, fmt.Errorf("%w: %s", ErrNoUnit, name)
		case e.alias == "" || e.alias == name || is && e.alias == template:
			return name, e.path, e.masked, nil
		}
		if alias := e.alias; is && alias.IsTemplate() {
			e.alias = Name(alias.stem() + instance + "." + alias.Type())
		}
		name = e.alias
	}
	return "", "", false, fmt.Errorf("%s: too many aliases", name)
}

// Load reads a unit with its drop-ins, by its name or an alias.
func (t *Tree) Load(name Name) (*Unit, error) {
	id, path, masked, err := t.resolve(name)
	if err != nil {
		return nil, err
	}
	if masked {
		return nil, fmt.Errorf("%w: %s, by %s", ErrMasked, id, path)
	}
	u := &Unit{Name: id, Fragment: path, tree: t, Aliases: t.aliases(id)}
	u.DropIns = t.dropIns(id, u.Aliases)
	for _, file := range append([]string{path}, u.DropIns...) {
		settings, err := readSettings(t.Root, file)
		if errors.Is(err, fs.ErrNotExist) && file != path {
			continue // as systemd does
		}
		if err != nil {
			return nil, err
		}
		u.settings = append(u.settings, settings...)
	}
	return u, nil
}

// plain is the unit as it is without a drop-in of ours.
func (u *Unit) plain() *Unit {
	other := *u
	other.DropIns = slices.DeleteFunc(slices.Clone(u.DropIns), isOurs)
	other.settings = slices.DeleteFunc(slices.Clone(u.settings), func(s setting) bool { return isOurs(s.file) })
	return &other
}

func isOurs(path string) bool { return filepath.Base(path) == DropInName }

// list is what a setting that takes many values has, after the last one that is
// empty and so takes back those before.
func (u *Unit) list(section, key string) (values []setting) {
	for _, s := range u.settings {
		switch {
		case s.section != section || s.key != key:
		case s.value == "":
			values = nil
		default:
			values = append(values, s)
		}
	}
	return values
}

// last is what a setting that takes one value has.
func (u *Unit) last(section, key string) string {
	value := ""
	for _, s := range u.settings {
		if s.section == section && s.key == key {
			value = s.value
		}
	}
	return value
}

// words are those of a list of words: a setting that may be given many times.
func (u *Unit) words(section, key string) (words []string) {
	for _, s := range u.list(section, key) {
		for rest := s.value; ; {
			word, _, next, more, err := nextWord(rest)
			if err != nil || !more {
				break
			}
			words, rest = append(words, word), next
		}
	}
	return words
}

// Commands are those of ExecStart=.
func (u *Unit) Commands() (commands []Command, err error) {
	for _, s := range u.list("Service", "ExecStart") {
		some, err := ParseCommands(s.value)
		if err != nil {
			return nil, fmt.Errorf("%s line %d: %w", filepath.Base(s.file), s.line, err)
		}
		commands = append(commands, some...)
	}
	return commands, nil
}

// Programs are the files that the commands of ExecStart= execute, with the root
// directory before them and links followed; "" is one that is not known before.
func (u *Unit) Programs() (paths []string, err error) {
	commands, err := u.plain().Commands()
	for _, c := range commands {
		path := ""
		if filepath.IsAbs(c.Path) && !strings.Contains(c.Path, "%") {
			if real, err := chase(u.tree.Root, c.Path); err == nil {
				path = filepath.Join("/", u.tree.Root, real)
			}
		}
		paths = append(paths, path)
	}
	return paths, err
}

// yes reads a boolean as systemd does; what is neither is no.
func yes(value string) bool {
	switch value {
	case "1", "yes", "y", "true", "t", "on":
		return true
	}
	return false
}
