package cli

import (
	"fmt"

	"allroads/internal/control"
)

// concerns are what is wrong, and what somebody may want to know besides, in words.
func concerns(s *control.Status) (bad, notes []string) {
	if s.Config.Error != nil {
		when := ""
		if s.Config.Failed != nil {
			when = " " + ago(*s.Config.Failed)
		}
		bad = append(bad, fmt.Sprintf("configuration refused%s, that of %s still holds: %s", when, ago(s.Config.Loaded), *s.Config.Error))
	}
	for i := range s.Namespaces {
		n := &s.Namespaces[i]
		if n.Error != nil {
			bad = append(bad, n.Name+": not managed: "+*n.Error)
		}
		for _, note := range notesOf(n) {
			notes = append(notes, n.Name+": "+note)
		}
	}
	return bad, notes
}

// notesOf are what is not as it could be in a namespace, the worst first.
func notesOf(n *control.Namespace) (notes []string) {
	for _, conflict := range n.Conflicts {
		notes = append(notes, "conflict: "+conflict)
	}
	for _, state := range []string{"dropped", "waiting"} {
		for _, a := range n.Addresses {
			if a.State == state {
				notes = append(notes, fmt.Sprintf("%s on %s: %s", a.Address, a.Interface, stateText(a)))
			}
		}
	}
	for _, p := range n.Pending {
		notes = append(notes, pendingText(p))
	}
	if l := n.Losses; l.Events+l.Network > 0 {
		text := fmt.Sprintf("messages of the kernel were lost: %s of events, %s of the network; %s",
			times(l.Events), times(l.Network), plural(int(l.Resyncs), "resync"))
		if l.Last != nil {
			text += ", the last " + ago(*l.Last)
		}
		notes = append(notes, text)
	}
	return notes
}

func times(n uint64) string { return plural(int(n), "time") }

// stateText is a state with its reason, which may begin with it.
func stateText(a control.Address) string {
	reason := orEmpty(a.Reason)
	if reason == "" {
		return a.State
	}
	if len(reason) >= len(a.State) && reason[:len(a.State)] == a.State {
		return reason
	}
	return a.State + ": " + reason
}

func pendingText(p control.Pending) string {
	text := p.What + ": waits for " + p.For
	if p.Token != nil {
		text = "connection " + *p.Token + ": " + text
	}
	if when := again(p.Next, p.Tries); when != "" {
		text += " (" + when + ")"
	}
	return text
}
