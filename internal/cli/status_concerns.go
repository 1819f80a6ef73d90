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
	notes = append(notes, dropped(n.Addresses)...)
	notes = append(notes, waitingFor(n.Pending)...) // addresses, too
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

// dropped tells of addresses without a place, once for each cause: all of them are in the
// table.
func dropped(addresses []control.Address) (notes []string) {
	count, causes := map[string]int{}, []string{}
	first := map[string]string{}
	for _, a := range addresses {
		if a.State != "dropped" {
			continue
		}
		cause := stateText(a)
		if count[cause]++; count[cause] == 1 {
			causes, first[cause] = append(causes, cause), a.Address+" on "+a.Interface
		}
	}
	for _, cause := range causes {
		who := first[cause]
		if more := count[cause] - 1; more > 0 {
			who += fmt.Sprintf(" and %d more", more)
		}
		notes = append(notes, who+": "+cause)
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
