package unit

import (
	"fmt"
	"slices"
	"strings"
)

// CanGoDebug reports whether the environment that a drop-in sets reaches the unit's
// program.
func (u *Unit) CanGoDebug() bool {
	_, err := u.plain().goDebug()
	return err == nil
}

// goDebug is the value of GODEBUG that the unit gives its program, with
// multipathtcp=1 in it.
func (u *Unit) goDebug() (string, error) {
	if slices.Contains(u.words("Service", "UnsetEnvironment"), "GODEBUG") {
		return "", fmt.Errorf("its UnsetEnvironment= takes GODEBUG away: --strategy notify wraps the command instead")
	}
	for _, s := range u.list("Service", "EnvironmentFile") {
		if err := u.checkEnvironmentFile(s.value); err != nil {
			return "", err
		}
	}
	value := ""
	for _, word := range u.words("Service", "Environment") {
		if v, is := strings.CutPrefix(word, "GODEBUG="); is {
			value = v
		}
	}
	kept := slices.DeleteFunc(strings.Split(value, ","), func(option string) bool {
		return option == "" || strings.HasPrefix(option, "multipathtcp=")
	})
	return strings.Join(append(kept, "multipathtcp=1"), ","), nil
}

// checkEnvironmentFile refuses a file whose GODEBUG comes after ours.
func (u *Unit) checkEnvironmentFile(path string) error {
	optional := strings.HasPrefix(path, "-")
	path = strings.TrimPrefix(path, "-")
	if strings.ContainsAny(path, "%*?[") {
		return nil // Which it is, is known when the unit is started.
	}
	text, err := readInside(u.tree.Root, path)
	if err != nil {
		if optional {
			err = nil
		}
		return err
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(strings.TrimLeft(line, whitespace), "GODEBUG=") {
			return fmt.Errorf("its EnvironmentFile= %s sets GODEBUG, which comes after a drop-in's: add multipathtcp=1 there, or use --strategy notify", path)
		}
	}
	return nil
}
