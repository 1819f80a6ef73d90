package ipmptcp

import (
	"net/netip"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// style is how results are printed.
type style struct {
	json, pretty bool // as iproute2 prints JSON
	schema       bool // our own JSON
	oneline      bool
	stamp        stamp
	color        when
}

// when something is coloured.
type when int

const (
	never when = iota
	auto
	always
)

// parseColor reads -color[=WHEN]. Without WHEN it is always.
func parseColor(word string) (when, bool) {
	name, value, _ := strings.Cut(word, "=")
	known := map[string]when{"": always, "always": always, "auto": auto, "never": never}
	chosen, ok := known[value]
	return chosen, ok && matches(name, "-color") && name != "-"
}

// palette holds the beginnings of coloured text (ECMA-48, SGR); without colour
// they are empty, and so is the end.
type palette struct{ inet, inet6, device, end string }

// palette is iproute2's.
func (s *session) palette() palette {
	switch {
	case s.style.json, s.style.schema, s.style.color == never:
		return palette{}
	case s.style.color == auto && !s.isTerminal():
		return palette{}
	case hasLightBackground():
		return palette{"\x1b[35m", "\x1b[34m", "\x1b[36m", "\x1b[0m"}
	}
	return palette{"\x1b[1;35m", "\x1b[1;94m", "\x1b[1;36m", "\x1b[0m"}
}

// isTerminal also honours NO_COLOR, for who leaves the choice to us.
func (s *session) isTerminal() bool {
	file, ok := s.stdout.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	_, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS)
	return err == nil
}

// hasLightBackground asks what some terminals tell: the last of two or three
// numbers of colours, of which 0 to 6 and 8 are dark.
func hasLightBackground() bool {
	colors := os.Getenv("COLORFGBG")
	last := strings.LastIndexByte(colors, ';')
	return last >= 0 && !strings.Contains(" 0 1 2 3 4 5 6 8 ", " "+colors[last+1:]+" ")
}

// of is how an address begins.
func (p palette) of(addr netip.Addr) string {
	if addr.Is4() {
		return p.inet
	}
	return p.inet6
}

// newline ends a line of text.
func (s *session) newline() string {
	if s.style.oneline {
		return `\`
	}
	return "\n"
}
