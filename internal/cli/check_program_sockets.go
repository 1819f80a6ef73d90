package cli

import (
	"fmt"
	"strconv"
	"strings"

	"allroads/internal/holding"
)

func socketCounts(processes []*holding.Held) string {
	counts, total := map[holding.Kind]int{}, 0
	for _, p := range processes {
		for _, s := range p.Sockets {
			counts[s.Kind]++
			total++
		}
	}
	if total == 0 {
		return "it holds no TCP or MPTCP socket"
	}
	var words []string
	for _, k := range []struct {
		kind holding.Kind
		name string
	}{{holding.MPTCP, "MPTCP"}, {holding.Fallback, "fell back to TCP"}, {holding.TCP, "TCP"}, {holding.Unknown, "unknown"}} {
		if counts[k.kind] > 0 {
			words = append(words, fmt.Sprintf("%d %s", counts[k.kind], k.name))
		}
	}
	return fmt.Sprintf("of %d stream sockets %s", total, strings.Join(words, ", "))
}

func (v checkProgramView) processes(processes []*holding.Held) {
	rows := [][]string{{"PID", "FD", "KIND", "STATE", "LOCAL", "REMOTE", "SUBFLOWS"}}
	for _, p := range processes {
		for i := range p.Sockets {
			rows = append(rows, socketRow(p, &p.Sockets[i]))
		}
	}
	if len(rows) > 1 {
		v.printf("\n")
		v.table(rows)
	}
	for _, p := range processes {
		if others := otherSockets(p); others != "" {
			v.printf("\n")
			v.wrapped(4, fmt.Sprintf("%s, pid %d:", p.Name, p.PID), strings.Fields(others))
		}
	}
}

func socketRow(p *holding.Held, s *holding.Socket) []string {
	address := func(text string) string { return strings.Replace(text, "invalid AddrPort", "-", 1) }
	row := []string{strconv.Itoa(p.PID), strconv.Itoa(s.Descriptors[0]), string(s.Kind), "?", address(s.Local.String()), address(s.Remote.String()), "-"}
	if len(s.Descriptors) > 1 {
		row[1] += fmt.Sprintf("+%d", len(s.Descriptors)-1)
	}
	if s.State != 0 {
		row[3] = s.State.String()
	}
	if s.Subflows != nil {
		row[6] = strconv.Itoa(*s.Subflows)
	}
	return row
}

// otherSockets says what else a process holds, and what is not known of it.
func otherSockets(p *holding.Held) string {
	var words []string
	for _, protocol := range p.Protocols() {
		words = append(words, fmt.Sprintf("%d %s", p.Others[protocol], protocol))
	}
	text := ""
	if len(words) > 0 {
		text = "also holds sockets of other kinds: " + strings.Join(words, ", ")
	}
	if p.Rings > 0 {
		text = strings.TrimPrefix(text+fmt.Sprintf("; %d io_uring, whose sockets of its own are not seen here", p.Rings), "; ")
	}
	if p.Closed != nil {
		text = strings.TrimPrefix(text+"; its network namespace cannot be entered: "+p.Closed.Error(), "; ")
	}
	return text
}
