package config

import (
	"path"
	"strings"

	"allroads/internal/document"
)

// maxName is how long an interface's name may be (IFNAMSIZ, with a zero behind it).
const maxName = 15

func (k *checker) interfaceGlob(at document.Place, glob string) {
	switch {
	case glob == "":
		k.complain(at, "name: none, as eth0 or wlan*")
	case badPattern(glob):
		k.complain(at, "name %q: %s", glob, whyBad)
	case strings.ContainsAny(glob, "/: \t\r\n") || !printable(glob):
		k.complain(at, "name %q: no interface is called so: spaces, '/' and ':' are in none", glob)
	case leastLength(glob) > maxName:
		k.complain(at, "name %q: never matches: names of interfaces have %d characters at most", glob, maxName)
	}
}

func (k *checker) cgroupGlob(at document.Place, glob string) {
	switch {
	case badPattern(glob):
		k.complain(at, "cgroup %q: %s", glob, whyBad)
	case !strings.HasPrefix(glob, "/"):
		did := "/" + glob
		if !strings.Contains(glob, "/") {
			did = "/*/" + glob
		}
		k.complain(at, "cgroup %q: not a path from the root: did you mean %q?", glob, did)
	case path.Clean(glob) != glob:
		k.complain(at, "cgroup %q: never matches: did you mean %q?", glob, path.Clean(glob))
	}
}

const whyBad = "not a pattern: a [ is not closed, or there is nothing behind a \\"

func badPattern(glob string) bool {
	_, err := path.Match(glob, "")
	return err != nil
}

// isGlob reports whether a pattern may match several texts.
func isGlob(pattern string) bool { return strings.ContainsAny(pattern, `*?[\`) }

// leastLength is how many characters the shortest text has that a pattern matches.
func leastLength(glob string) (n int) {
	for i := 0; i < len(glob); i++ {
		switch glob[i] {
		case '*':
			continue
		case '\\':
			i++
		case '[':
			i += classLength(glob[i:])
		}
		n++
	}
	return n
}

// classLength is where the bracket closes that a text begins with.
func classLength(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ']':
			return i
		}
	}
	return len(text)
}
