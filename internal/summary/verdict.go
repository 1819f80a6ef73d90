package summary

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"allroads/trace"
)

// writeOdd writes what is odd and why.
func (s *Summary) writeOdd(p *page, r *trace.Report) {
	lines := s.odd.lines()
	if r.OrphanJoins > 0 {
		lines = append(lines, orphansText(r))
	}
	if r.Packets.Stray > 0 {
		lines = append(lines, count(r.Packets.Stray, "packet")+" of no connection here: of a handshake, or late")
	}
	if len(lines) == 0 && len(s.rows) > 0 {
		p.field(0, "Odd", "nothing that the packets show")
		return
	}
	for i, line := range lines {
		label := ""
		if i == 0 {
			label = "Odd"
		}
		p.field(0, label, printable(line))
	}
}

func orphansText(r *trace.Report) string {
	text := count(r.OrphanJoins, "MP_JOIN") + " with a token of no connection here"
	if len(r.Orphans) > 0 {
		o := &r.Orphans[0]
		text += fmt.Sprintf(": token 0x%v from %v to %v", o.Token, o.Opener, o.Other)
		if r.OrphanJoins > 1 {
			text += ", and others"
		}
	}
	return text
}

// maxReasons are told on the page, the first ones: the JSON has more.
const maxReasons = 2

// writeVerdict writes the verdict on the whole, in one line if that is wide enough.
func writeVerdict(p *page, about About, r *trace.Report) {
	v := r.Verdict
	v.Reasons = worstFirst(v.Reasons)
	if about.Partial != "" {
		v.Proven = false
		v.Reasons = append([]string{"the result is of a part of the capture only"}, v.Reasons...)
	}
	if len(v.Reasons) > maxReasons {
		v.Reasons = append(v.Reasons[:maxReasons], "and more")
	}
	color := red
	if v.Proven {
		color = green
	}
	p.field(0, p.paint(color, "Verdict"), printable(v.String()))
}

// worstFirst has a fallback first, which explains the rest, and what is wrong before
// what is unknown.
func worstFirst(reasons []string) []string {
	rank := func(reason string) int {
		switch {
		case strings.Contains(reason, "multipath is bad: "):
			return 0
		case strings.Contains(reason, " is bad: "):
			return 1
		}
		return 2
	}
	sorted := slices.Clone(reasons)
	slices.SortStableFunc(sorted, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	return sorted
}
