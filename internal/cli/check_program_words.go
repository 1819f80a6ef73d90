package cli

import (
	"fmt"
	"strconv"
	"strings"

	"allroads/internal/program"
)

// field prints a name and what is to be said of it.
func (v checkProgramView) field(name, text string) {
	if text != "" {
		v.wrapped(12, fmt.Sprintf("%-11s", name), strings.Fields(text))
	}
}

func (v checkProgramView) program(p *program.Program) {
	v.printf("\n")
	for _, s := range p.Scripts {
		v.field("script", strings.TrimSpace(s.Path+" #! "+s.Interpreter+" "+s.Argument))
	}
	v.field("program", p.Path)
	v.field("kind", kindOfProgram(p))
	if g := p.Go; g != nil {
		v.field("Go", goWords(g))
	}
	v.field("privileges", privilegeWords(&p.Privileges))
	if u := p.Uring; u != nil && u.Certainty != program.NotSeen {
		v.field("io_uring", string(u.Certainty)+": "+u.Why)
	} else if u != nil {
		v.field("io_uring", "not seen, which proves nothing")
	}
}

func kindOfProgram(p *program.Program) string {
	text := fmt.Sprintf("%s, %d bits, %s", p.Machine, p.Bits, p.Linkage)
	if p.Libc != "" {
		text += " with " + p.Libc
	}
	if p.Language != "" {
		text += ", runs " + p.Language
	}
	return text
}

func goWords(g *program.Go) string {
	text := g.Version
	if g.Module != "" {
		text += ", module " + g.Module
	}
	switch g.Multipath {
	case program.MultipathNone:
		return text + "; no MPTCP by default"
	case program.MultipathUnknown:
		return text + "; whether it uses MPTCP by default is unknown"
	case program.MultipathBoth:
		return text + "; MPTCP by default"
	}
	return text + "; MPTCP by default for " + string(g.Multipath)
}

func privilegeWords(p *program.Privileges) string {
	var words []string
	if p.SetUID != nil {
		words = append(words, "set-uid "+userWord(*p.SetUID))
	}
	if p.SetGID != nil {
		words = append(words, "set-gid "+userWord(*p.SetGID))
	}
	words = append(words, p.Capabilities...)
	if len(words) > 0 && p.Ignored {
		words = append(words, "(not given: mounted nosuid)")
	}
	return strings.Join(words, " ")
}

// userWord is a user's or a group's number: a table of names would have to be read for
// others than root.
func userWord(id uint32) string {
	if id == 0 {
		return "root"
	}
	return strconv.FormatUint(uint64(id), 10)
}
