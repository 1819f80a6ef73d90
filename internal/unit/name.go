// Package unit reads the units of systemd as systemd does, and makes, finds and
// removes the drop-ins that have them use MPTCP.
package unit

import (
	"fmt"
	"strings"
)

// Name is the name of a service or socket unit, such as "nginx.service",
// "getty@.service" (a template) or "getty@tty1.service" (an instance of it).
type Name string

// nameMax is how many bytes a name may have (UNIT_NAME_MAX of systemd).
const nameMax = 255

// ParseName reads a name as systemctl does: without a suffix it is a service.
func ParseName(text string) (Name, error) {
	name := Name(text)
	if i := strings.LastIndexByte(text, '.'); i < 0 || !isType(text[i+1:]) {
		name += ".service"
	}
	if bad := strings.IndexFunc(string(name), func(r rune) bool { return !nameLetter(r) }); bad >= 0 {
		return "", fmt.Errorf("%q is no name of a unit: letters, digits and :-_.\\@ only", text)
	}
	prefix, _, _ := strings.Cut(name.stem(), "@")
	switch {
	case prefix == "" || len(name) > nameMax:
		return "", fmt.Errorf("%q is no name of a unit", text)
	case name.Type() != "service" && name.Type() != "socket":
		return "", fmt.Errorf("%s is neither a service nor a socket: only those have sockets", name)
	}
	return name, nil
}

func isType(word string) bool {
	switch word {
	case "service", "socket", "target", "device", "mount", "automount", "swap", "timer", "path", "slice", "scope":
		return true
	}
	return false
}

func nameLetter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(`:-_.\@`, r)
}

// Type is what stands behind the last dot.
func (n Name) Type() string { return string(n[strings.LastIndexByte(string(n), '.')+1:]) }

// stem is the name without its type.
func (n Name) stem() string { return string(n[:max(0, strings.LastIndexByte(string(n), '.'))]) }

// IsTemplate reports whether instances are made of the unit: "getty@.service".
func (n Name) IsTemplate() bool { return strings.HasSuffix(n.stem(), "@") }

// Template is the template that an instance is made of, if it is one.
func (n Name) Template() (template Name, instance string, is bool) {
	prefix, instance, found := strings.Cut(n.stem(), "@")
	if !found || instance == "" {
		return "", "", false
	}
	return Name(prefix + "@." + n.Type()), instance, true
}

// with is the same name of another type.
func (n Name) with(kind string) Name { return Name(n.stem() + "." + kind) }

// families are the names, from the narrowest to the widest, whose folders hold
// drop-ins of the unit: its own, its template's, those of what stands before each
// dash, and the type's.
func (n Name) families() []string {
	names := []string{string(n)}
	if template, _, is := n.Template(); is {
		names = append(names, string(template))
	}
	prefix, instance, _ := strings.Cut(n.stem(), "@")
	at := strings.Contains(n.stem(), "@")
	for {
		dash := strings.LastIndexByte(strings.TrimSuffix(prefix, "-"), '-')
		if dash < 0 {
			break
		}
		prefix = prefix[:dash+1]
		if at && instance != "" {
			names = append(names, prefix+"@"+instance+"."+n.Type())
		}
		if at {
			names = append(names, prefix+"@."+n.Type())
		} else {
			names = append(names, prefix+"."+n.Type())
		}
	}
	return names
}
