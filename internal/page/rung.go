package page

import (
	"cmp"
	"fmt"
	"slices"

	"allroads/trace"
)

// rung is an arrow of the ladder.
type rung struct {
	at            int64
	packet        uint64 // 0: its number is not known
	by            string // client or server
	class         string
	time          string // since the connection began
	label, detail string
}

// maxRungs is how many are drawn, and maxDetail how long what is said besides may be.
const (
	maxRungs  = 48
	maxDetail = 84
)

// rungsOf are the first events, each SYN's answer among them, and how many more
// there are.
func rungsOf(c *trace.Connection) (all []rung, left int) {
	classes := styles(c)
	for i := range c.Events {
		e := &c.Events[i]
		at := subflowIndex(c, e.Subflow)
		if at < 0 {
			continue
		}
		flow := &c.Subflows[at]
		r := rung{at: e.Time, packet: e.Packet, by: e.By, class: classes[at] + " " + tone(e.Kind)}
		r.label, r.detail = wording(c, flow, e)
		all = append(all, r)
		if answer, ok := answered(c, flow, e); ok {
			answer.class = classes[at] + " plain"
			all = append(all, answer)
		}
	}
	slices.SortStableFunc(all, func(a, b rung) int { return cmp.Compare(a.at, b.at) })
	for i := range all {
		all[i].time = "+" + duration(max(all[i].at-c.Opened, 0))
	}
	left = int(c.Hidden)
	if len(all) > maxRungs {
		all, left = all[:maxRungs], left+len(all)-maxRungs
	}
	return all, left
}

func subflowIndex(c *trace.Connection, id int) int {
	return slices.IndexFunc(c.Subflows, func(s trace.Subflow) bool { return s.ID == id })
}

// answered is the answer to a subflow's SYN, at the time that its round trip tells.
func answered(c *trace.Connection, flow *trace.Subflow, e *trace.Event) (rung, bool) {
	took, by := flow.ToServer.RTT.Handshake, "server"
	if flow.OpenedBy == "server" {
		took, by = flow.ToClient.RTT.Handshake, "client"
	}
	if e.Kind != trace.EventOpened || took == 0 {
		return rung{}, false
	}
	label := "SYN/ACK" + option(c, flow)
	if flow.Outcome == trace.OutcomePlain {
		label = "SYN/ACK without MPTCP"
	}
	return rung{at: e.Time + took, by: by, label: fmt.Sprintf("%d · %s", flow.ID, label)}, true
}

// cut shortens a text to so many characters.
func cut(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}

// whole is all of it in words.
func (r *rung) whole() string {
	text := r.time + ", " + r.by + ": " + r.label
	if r.detail != "" {
		text += "; " + r.detail
	}
	return text
}
