package program

import (
	"slices"
	"strings"
)

// The strategies of `allroads run`.
const (
	Notify  = "notify"
	Trace   = "trace"
	BPF     = "bpf"
	Godebug = "godebug"
)

// Host is what a machine, and who asks, can do. Here fills it in.
type Host struct {
	// Machine is the kernel's own, as in Program; Compatible are others whose programs
	// it runs, and Emulated is the interpreter that binfmt_misc starts for this one.
	Machine    string
	Compatible []string
	Emulated   string

	// Admin says that filters can be set without NO_NEW_PRIVS (CAP_SYS_ADMIN).
	Admin bool

	// Refused are strategies that cannot be used here whatever the program is, each
	// with the reason, and Unsure those of which it is not known.
	Refused, Unsure map[string]string
}

// Way is what a strategy can do for a program.
type Way struct {
	Strategy string   `json:"strategy"`
	Works    Answer   `json:"works"`
	Why      string   `json:"why,omitempty"`
	But      []string `json:"but,omitempty"` // what is not caught, and what changes
}

// Ways judges each strategy, from what is known of both: nothing is tried.
func Ways(p *Program, h *Host) []Way {
	return []Way{
		p.within(h, Way{Strategy: Notify, Works: Yes}),
		p.within(h, Way{Strategy: Trace, Works: Yes}),
		p.within(h, Way{Strategy: BPF, Works: Yes}),
		p.within(h, p.byGodebug()),
	}
}

// within is what is left of a way on this host.
func (p *Program) within(h *Host, w Way) Way {
	switch reason := h.Refused[w.Strategy]; {
	case !p.runs(h):
		w.Works, w.Why = No, "it is for "+p.Machine+", and nothing here runs that"
	case w.Works == No:
	case reason != "":
		w.Works, w.Why = No, reason
	case h.Unsure[w.Strategy] != "" && w.Works == Yes:
		w.Works, w.Why = Unknown, h.Unsure[w.Strategy]
	}
	if w.Works != No {
		w.But = append(w.But, p.restrictions(h, w.Strategy)...)
	}
	return w
}

// runs reports whether the host starts programs of this machine.
func (p *Program) runs(h *Host) bool {
	return p.Machine == h.Machine || slices.Contains(h.Compatible, p.Machine) || h.Emulated != ""
}

func (p *Program) byGodebug() Way {
	w := Way{Strategy: Godebug, Works: No, Why: "it is not written in Go"}
	switch {
	case p.Go == nil && p.Language != "":
		w.Why = "its interpreter is not written in Go"
	case p.Go != nil && p.Go.Godebugs == nil:
		w.Works, w.Why = Unknown, "its functions were not looked at"
	case p.Go != nil:
		w.Works, w.Why = p.Go.Godebugs.Answer, p.Go.Godebugs.Why
	}
	return w
}

// restrictions are what is lost or missed by a strategy.
func (p *Program) restrictions(h *Host, strategy string) (but []string) {
	filters := strategy == Notify || strategy == Trace
	if filters && !h.Admin && p.Privileges.Any() {
		but = append(but, "it starts without "+p.privilegeWords()+": a filter set by an ordinary user takes that away (NO_NEW_PRIVS)")
	}
	if u := p.Uring; u != nil && u.Certainty != NotSeen && strategy != Godebug {
		but = append(but, "sockets made by io_uring are not caught ("+string(u.Certainty)+": "+u.Why+")")
	}
	if p.Machine != h.Machine && h.Emulated != "" && !slices.Contains(h.Compatible, p.Machine) && strategy != Godebug {
		but = append(but, h.Emulated+" runs it, and its sockets are that program's")
	}
	return but
}

func (p *Program) privilegeWords() string {
	var words []string
	if p.Privileges.SetUID != nil {
		words = append(words, "set-uid")
	}
	if p.Privileges.SetGID != nil {
		words = append(words, "set-gid")
	}
	if len(p.Privileges.Capabilities) > 0 {
		words = append(words, "its file capabilities")
	}
	return strings.Join(words, " and ")
}

// Convertible is what the ways come to: yes when one works.
func Convertible(ways []Way) Answer {
	answer := No
	for _, w := range ways {
		switch {
		case w.Works == Yes:
			return Yes
		case w.Works == Unknown:
			answer = Unknown
		}
	}
	return answer
}
