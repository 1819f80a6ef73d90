package bothends

import (
	"fmt"
	"strings"
)

// verdict says in words what happens to a subflow between the ends.
func (s *Subflow) verdict(directed bool) string {
	var does []string
	seen := map[string]bool{}
	for i := range s.Changes {
		c := &s.Changes[i]
		text := c.how() + " in " + c.whose()
		if !c.harmless() && !seen[text] {
			seen[text] = true
			does = append(does, text)
		}
	}
	var parts []string
	switch {
	case len(does) > 0:
		parts = append(parts, "something between the ends "+strings.Join(does, ", and "))
	case s.ToServer.Arrived.Packets+s.ToClient.Arrived.Packets == 0:
		parts = append(parts, "nothing arrived")
	default:
		parts = append(parts, "nothing on the way changed anything")
	}
	for i, w := range []*Way{&s.ToServer, &s.ToClient} {
		who := [2]string{"client", "server"}[i]
		if w.Lost.Packets+w.Lost.Partly > 0 {
			parts = append(parts, fmt.Sprintf("%s of the %s's %d packets were lost", w.Lost.words(), who, w.Sent.Packets))
		}
		if w.Extra.Packets > w.Extra.Resets {
			parts = append(parts, fmt.Sprintf("%d packets of the %s's arrived that its own capture does not have: injected on the way, or not captured",
				w.Extra.Packets-w.Extra.Resets, who))
		}
	}
	if s.Weak {
		parts = append(parts, "the flows are taken for one by their "+string(s.Basis)+" only")
	}
	if !s.Directed && !directed {
		parts = append(parts, "which end is which is not certain")
	}
	return strings.Join(parts, "; ")
}

func (l *Lost) words() string {
	if l.Partly == 0 {
		return fmt.Sprint(l.Packets)
	}
	return fmt.Sprintf("%d, and parts of %d,", l.Packets, l.Partly)
}

// verdict says it of all subflows.
func (r *Result) verdict() string {
	altered := map[string][]string{}
	var kinds []string
	var lost, sent uint64
	for i := range r.Subflows {
		s := &r.Subflows[i]
		lost += s.ToServer.Lost.Packets + s.ToClient.Lost.Packets
		sent += s.ToServer.Sent.Packets + s.ToClient.Sent.Packets
		seen := map[string]bool{}
		for j := range s.Changes {
			c := &s.Changes[j]
			what := c.Kind
			if c.harmless() || seen[what] {
				continue
			}
			seen[what] = true
			if altered[what] == nil {
				kinds = append(kinds, what)
			}
			altered[what] = append(altered[what], fmt.Sprint(s.ID))
		}
	}
	var parts []string
	switch {
	case len(r.Subflows) == 0 && r.Plain > 0:
		parts = append(parts, "no flow with MPTCP is in both captures")
	case len(r.Subflows) == 0:
		parts = append(parts, "no flow is in both captures")
	case len(kinds) == 0 && r.Hidden.Altered == 0:
		parts = append(parts, "nothing between the ends changed anything")
	default:
		for _, kind := range kinds {
			parts = append(parts, fmt.Sprintf("%s in %s", general[kind], subflows(altered[kind])))
		}
		if r.Hidden.Altered > 0 {
			parts = append(parts, fmt.Sprintf("alterations in %d subflows that are not listed", r.Hidden.Altered))
		}
	}
	if lost+r.Hidden.Lost > 0 {
		parts = append(parts, fmt.Sprintf("%d packets were lost", lost+r.Hidden.Lost))
	}
	if n := uint64(len(r.Unmatched)) + r.UnmatchedHidden; n > 0 {
		parts = append(parts, fmt.Sprintf("%d flows are in one capture only", n))
	}
	return strings.Join(parts, "; ")
}

// general is what a kind of change is called where several are listed.
var general = map[string]string{
	OptionRemoved: "options are removed", OptionAdded: "options are added", OptionChanged: "options are changed",
	SequenceShifted: "sequence numbers are shifted", AddressTranslated: "addresses are translated", PayloadAltered: "the payload is altered",
	ResetInjected: "resets are injected", PacketsInjected: "packets are injected", FlagsChanged: "TCP flags are changed",
	WindowChanged: "the window is changed", DSCPChanged: "the DSCP is changed", ECNChanged: "the ECN field is changed",
}

// subflows lists some.
func subflows(ids []string) string {
	const most = 8
	if len(ids) == 1 {
		return "subflow " + ids[0]
	}
	if len(ids) > most {
		return fmt.Sprintf("%d subflows", len(ids))
	}
	return "subflows " + strings.Join(ids, ", ")
}
