package config

import (
	"slices"
	"strings"

	"allroads/internal/document"
)

func (k *checker) namespaces(names []string) {
	at := document.Place{"namespaces"}
	if names != nil && len(names) == 0 {
		k.complain(at, "namespaces: none: allroadsd would have nothing to do; leave the key out for its own (host)")
	}
	for i, name := range names {
		at := at.Sub(i)
		if slices.Contains(names[:i], name) {
			k.complain(at, "namespace %s: twice", name)
		}
		for _, keyword := range []string{Host, AllWithMPTCP} {
			if name != keyword && strings.EqualFold(strings.ReplaceAll(name, "_", "-"), keyword) {
				k.complain(at, "namespace %q: did you mean %q?", name, keyword)
			}
		}
		if !validNamespace(name) {
			k.complain(at, "namespace %q: %s, %s, a name of `ip netns list` or an absolute path only", name, Host, AllWithMPTCP)
		}
	}
}

// validNamespace: a file in /run/netns, or anywhere by an absolute path.
func validNamespace(name string) bool {
	switch {
	case name == "", name == ".", name == "..", len(name) > 4095, !printable(name):
		return false
	case strings.HasPrefix(name, "/"):
		return true
	}
	return len(name) <= 255 && !strings.Contains(name, "/")
}
